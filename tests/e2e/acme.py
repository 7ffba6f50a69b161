"""Acme's installation: seeded, its mail received, its people and their assistants at hand."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar

from tests import installation, mail
from tests.e2e import seed
from tests.e2e.assistant import Assistant
from tests.e2e.people import Person
from tests.installation import Installation
from tests.mail import Sink

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


@dataclass
class Acme:
    """The installation and its seeded rows."""

    installed: Installation
    sink: Sink
    seeded: dict[str, str]
    _people: dict[str, Person] = field(default_factory=dict)
    _assistants: dict[tuple[str, str, tuple[str, ...]], Assistant] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.installed.url

    @property
    def mcp(self) -> str:
        """The MCP address for apps."""
        return f"{self.url}/mcp"

    def do(
        self, function: Callable[Given, Answer], *args: Given.args, **kwargs: Given.kwargs
    ) -> Answer:
        """Call a function inside the installation; returns its result."""
        return self.installed.do(function, *args, **kwargs)

    def person(self, name: str, place: str = "acme") -> Person:
        """A person of a workspace, in one session: logins are rate-limited."""
        email = f"{name}@{place}.example"
        if email not in self._people:
            self._people[email] = Person(self.url, email)
        return self._people[email]

    def assistant(self, name: str, place: str = "acme", tick: tuple[str, ...] = ()) -> Assistant:
        """The app of a person, connected when it is first used, with further boxes ticked."""
        key = (name, place, tick)
        if key not in self._assistants:
            self._assistants[key] = Assistant(self.mcp, self.person(name, place), tick=tick)
        return self._assistants[key]


@contextlib.contextmanager
def running(folder: Path, *programs: str, **variables: str) -> Iterator[Acme]:
    """Start it with the web process and the programs named, one of which sends."""
    with mail.running(folder) as sink:
        told = {
            "DEMO": "1",
            "SMTP_RELAY_URL": sink.url,
            "UNDO_WINDOW_SECONDS": "1",
            "UNDO_WINDOW_CHAT_SECONDS": "1",
            "MCP_RATE_LIMIT": "10000/m",
            **variables,
        }
        with installation.running(folder, **told) as installed:
            acme = Acme(installed, sink, installed.do(seed.fill))
            for program in (*programs, "web"):
                installed.start(program)
            yield acme
