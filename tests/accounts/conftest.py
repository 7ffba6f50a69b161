from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import factories, mail
from tests.mail import Sink
from tests.team import Team


@pytest.fixture
def team(db: None) -> Team:
    """A workspace and Gil's."""
    return Team.at(factories.workspace(), "elsewhere", "gil")


@pytest.fixture
def sink(tmp_path: Path, settings: Any) -> Iterator[Sink]:
    """The system's mail server: a real receiver."""
    with mail.running(tmp_path) as running:
        settings.EMAIL_BACKEND = "core.system_mail.PinnedBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.OUTBOUND_OPERATOR_ORIGINS = [running.url]
        yield running
