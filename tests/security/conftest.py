from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core import clock
from fakes import unipile
from fakes.mcp_server import TOKEN
from identities import channels
from identities.models import Channel, Kind
from identities.providers.mcp import servers
from tests import fakes, mail
from tests.approvals import fake_providers
from tests.fakes import Provider
from tests.mail import Received, Sink
from tests.team import Team

CASES = (fake_providers.SLACK, fake_providers.EMAIL, fake_providers.PUSH, fake_providers.MESSAGE)


@dataclass
class Outside:
    """All receivers of messages, with their counts before this test."""

    sink: Sink
    providers: dict[str, Provider]
    mcp_site: Provider
    _mails: int = 0
    _calls: int = 0
    _asked: int = 0
    _tools: list[dict[str, Any]] = field(default_factory=list)

    def mark(self) -> None:
        """From here on."""
        self._mails, self._calls = len(self._files()), len(self._effects())
        self._asked = len(self.mcp_site.lines())

    def mails(self) -> list[Received]:
        """The mails that came since."""
        return self.sink.received()[self._mails :] if len(self._files()) > self._mails else []

    def calls(self) -> list[dict[str, Any]]:
        """Calls to other providers since."""
        return [*self._effects()[self._calls :], *self.mcp_site.lines()[self._asked :]]

    def connect(self, team: Team) -> None:
        """Every provider, as an admin would have connected it; every tool allowed."""
        for case in CASES:
            fake_providers.connect(case, team)
        channel = Channel(
            workspace=team.place, kind=Kind.MCP, name="mcp_site", created_at=clock.now()
        )
        channel.settings = {"url": f"{self.mcp_site.origin}/mcp", "header": "X-Api-Key"}
        channel.secret = channels.sealed(channel, TOKEN)
        self._tools = self._tools or [
            {**tool.model_dump(), "is_allowed": True} for tool in servers.offered(channel)
        ]
        channel.settings["tools"] = self._tools
        channel.save(force_insert=True)

    def _files(self) -> list[Path]:
        return list(self.sink.folder.glob("*.json"))

    def _effects(self) -> list[dict[str, Any]]:
        return [effect for one in self.providers.values() for effect in one.effects()]


@pytest.fixture(scope="module")
def receivers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """A real SMTP receiver and a fake server of each provider, started once."""
    folder = tmp_path_factory.mktemp("outside")
    with ExitStack() as started:
        sink = started.enter_context(mail.running(folder))
        providers = {
            case.setting: started.enter_context(fakes.running(case.fake, folder)) for case in CASES
        }
        mcp_site = started.enter_context(fakes.running("mcp_server", folder))
        yield Outside(sink, providers, mcp_site)


@pytest.fixture
def scenario(receivers: Outside, settings: Any) -> Outside:
    """The same, in an installation that sends; without an undo window."""
    settings.SMTP_RELAY_URL = receivers.sink.url
    for case in CASES:
        setattr(settings, case.setting, receivers.providers[case.setting].origin + case.base)
    settings.UNIPILE_API_KEY = unipile.TOKEN
    own = [getattr(settings, case.setting) for case in CASES]
    settings.OUTBOUND_OPERATOR_ORIGINS = [receivers.sink.url, *own]
    settings.OUTBOUND_PRIVATE_HOSTS = [f"127.0.0.1:{receivers.mcp_site.port}"]
    settings.UNDO_WINDOW_SECONDS = settings.UNDO_WINDOW_CHAT_SECONDS = 0
    receivers.mark()
    return receivers
