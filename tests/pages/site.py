"""The installation whose pages browsers are shown: filled by tests.pages.seed, no worker, no mail.

Approved actions are not sent, and waiting jobs are run by `work`.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from fakes import unipile
from tests import fakes, inside, installation
from tests.installation import Installation
from tests.pages import seed

DRAFTS = 30

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


@dataclass
class Site:
    """Its address, and the ids of its seeded rows (see tests.pages.seed)."""

    installed: Installation
    made: dict[str, Any]
    _sessions: dict[tuple[str, bool], str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.installed.url

    def do(
        self, function: Callable[Given, Answer], *args: Given.args, **kwargs: Given.kwargs
    ) -> Answer:
        """Call a function inside the installation; returns its result."""
        return self.installed.do(function, *args, **kwargs)

    def session(self, email: str, *, fresh: bool = False) -> str:
        """The cookie of a person's session; a fresh login expires after a while."""
        if fresh:
            return self.do(inside.session, email, fresh=True)
        key = (email, fresh)
        if key not in self._sessions:
            self._sessions[key] = self.do(inside.session, email)
        return self._sessions[key]

    def work(self) -> None:
        """Run waiting jobs."""
        self.do(inside.work)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Site]:
    """Start it, with a provider of LinkedIn that calls back."""
    with fakes.running("unipile", folder) as provider:
        told = {
            "UNIPILE_API_URL": provider.origin,
            "UNIPILE_API_KEY": unipile.TOKEN,
            "UNDO_WINDOW_SECONDS": "3600",
        }
        with installation.running(folder, **told) as installed:
            made = installed.do(seed.fill, DRAFTS)
            installed.start("web")
            yield Site(installed, made)
