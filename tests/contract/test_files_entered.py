"""How many of the project's files common operations run through, once warm.

    .venv/bin/python -m pytest -q -s -n 0 tests/contract/test_files_entered.py

prints them. Fewer are easier to follow; a new file on one of these paths needs a good reason.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.test import Client

from approvals.sending.loop import run_once
from core.access import Role
from tests.mail import Sink
from tests.protocol.clients import connected
from tests.team import Team, approve
from tests.tracing import entered


@contextmanager
def at_most(bound: int) -> Iterator[None]:
    """Prints the files entered within the block, and fails if there are more than allowed."""
    with entered() as found:
        yield
    files = sorted({path for path, _ in found})
    listed = "\n".join(files)
    print(f"\n{len(files)} files:\n{listed}")  # noqa: T201 - what one runs it for
    assert len(files) <= bound, f"{len(files)} files instead of {bound}:\n{listed}"


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


def test_sending_one_mail(team: Team, sink: Sink) -> None:
    for subject in ("First", "Second"):
        approve(team.reviewer, team.mail(subject=subject))
        with at_most(999 if subject == "First" else 51):
            run_once("worker")

    assert len(sink.received()) == 2
