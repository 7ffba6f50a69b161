from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import mail
from tests.mail import Sink
from tests.team import Team, approve, decide, make_team

__all__ = ["Team", "approve", "decide", "make_team"]


@pytest.fixture
def team(db: None) -> Team:
    return make_team()


@pytest.fixture
def sink(tmp_path: Path, settings: Any) -> Iterator[Sink]:
    """A real SMTP server that every sender sends to; without an undo window."""
    with mail.running(tmp_path) as running:
        settings.SMTP_RELAY_URL = running.url
        settings.OUTBOUND_OPERATOR_ORIGINS = [running.url]
        settings.UNDO_WINDOW_SECONDS = 0
        settings.UNDO_WINDOW_CHAT_SECONDS = 0
        yield running
