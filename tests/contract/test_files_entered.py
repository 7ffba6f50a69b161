"""How many of the project's files common operations run through, once warm.

    .venv/bin/python -m pytest -q -s -n 0 tests/contract/test_files_entered.py

prints them. Fewer are easier to follow; a new file on one of these paths needs a good reason.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.test import Client

from approvals.sending.loop import run_once
from core.access import Role
from tests import mail
from tests.protocol.clients import connected
from tests.team import Team, approve, make_team

_ROOT = Path(__file__).parents[2]
_NOT_OURS = (f"{_ROOT}/.venv", f"{_ROOT}/tests")


@pytest.fixture
def team(db: None) -> Team:
    return make_team()


@contextmanager
def at_most(bound: int) -> Iterator[None]:
    """Prints the files entered within the block, and fails if there are more than allowed."""
    entered: set[str] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        path = frame.f_code.co_filename
        is_ours = path.startswith(str(_ROOT)) and not path.startswith(_NOT_OURS)
        if event == "call" and is_ours and frame.f_code.co_name != "<module>":
            entered.add(path.removeprefix(f"{_ROOT}/"))

    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
    listed = "\n".join(sorted(entered))
    print(f"\n{len(entered)} files:\n{listed}")  # noqa: T201 - what one runs it for
    assert len(entered) <= bound, f"{len(entered)} files instead of {bound}:\n{listed}"


def test_a_contact_changed_by_mcp_until_it_waits(team: Team) -> None:
    client = connected(user="mia", workspace=team.place.slug, role=Role.MEMBER)

    def change(city: str) -> str:
        given = {"contact_id": str(team.ana.pk), "properties": {"city": city}}
        answer = client.call("update_contact", given).json()
        return str(answer["result"]["structuredContent"]["status"])

    change("Pune")
    with at_most(56):
        assert change("Delhi") == "queued"


def test_the_queue_with_an_email_card(team: Team) -> None:
    team.mail()
    browser = Client()
    browser.force_login(team.rex.user)

    browser.get("/approvals/")
    with at_most(54):
        page = browser.get("/approvals/")

    assert "Hi Ana!" in page.content.decode()


def test_sending_one_mail(team: Team, tmp_path: Path, settings: Any) -> None:
    settings.UNDO_WINDOW_SECONDS = 0
    with mail.running(tmp_path) as sink:
        settings.SMTP_RELAY_URL = sink.url
        settings.OUTBOUND_OPERATOR_ORIGINS = [sink.url]
        for subject in ("First", "Second"):
            approve(team.reviewer, team.mail(subject=subject))
            with at_most(999 if subject == "First" else 51):
                run_once("worker")

        assert len(sink.received()) == 2
