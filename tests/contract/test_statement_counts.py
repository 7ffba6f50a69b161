"""How many SQL statements common operations run, and that they run none twice.

Counted as the database sees them; transactions and savepoints do not count.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals.models import Action
from approvals.sending.loop import run_once
from core import seals
from tests.api.conftest import Caller, key_of
from tests.mail import Sink
from tests.pages.test_queue import fields_of
from tests.team import Team, approve

# The row is read once for the preview and again for the write.
PREVIEWED = "FROM .crm_contact"
_NO_WORK = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "BEGIN")


@contextmanager
def at_most(bound: int, again: str = "") -> Iterator[None]:
    """Prints the statements and fails if there are more than allowed or one is repeated.

    `again` is a regular expression for statements repeated on purpose.
    """
    with CaptureQueriesContext(connection) as captured:
        yield
    run = [query["sql"] for query in captured if not query["sql"].startswith(_NO_WORK)]
    repeated = {sql for sql, times in Counter(run).items() if times > 1}
    listed = "\n".join(
        f"{'TWICE' if sql in repeated else '     '} {number:3} {sql}"
        for number, sql in enumerate(run, start=1)
    )
    assert len(run) <= bound, f"{len(run)} statements instead of {bound}:\n{listed}"
    twice = [sql for sql in repeated if not (again and re.search(again, sql))]
    assert not twice, f"{len(run)} statements, some of them twice:\n{listed}"


@pytest.fixture
def browser(team: Team) -> Client:
    """Rex, who reviews, in a browser that has opened a page before."""
    client = Client()
    client.force_login(team.rex.user)
    return client


def test_the_queue_with_an_email_card(team: Team, browser: Client) -> None:
    team.mail()

    with at_most(22):
        page = browser.get("/approvals/")

    assert "Hi Ana!" in page.content.decode()


def approve_in_browser(browser: Client, action_id: str, bound: int, again: str = "") -> Action:
    """Submits the card's approval form; returns the updated action."""
    address = f"/approvals/{action_id}/approve/"
    form = fields_of(browser.get("/approvals/").content.decode(), address)
    with at_most(bound, again):
        answer = browser.post(address, form)
    assert answer.status_code == 303
    return Action.objects.get(pk=action_id)


def test_approving_an_email_in_the_browser(team: Team, browser: Client) -> None:
    assert approve_in_browser(browser, team.mail(), 19).status == "approved"


def test_approving_a_record_change_in_the_browser(team: Team, browser: Client) -> None:
    action = approve_in_browser(browser, team.change(), 24, again=PREVIEWED)
    assert action.status == "completed"


def test_sending_one_mail(team: Team, sink: Sink) -> None:
    action_id = team.mail()
    approve(team.reviewer, action_id)
    seals.seal_waiting()  # as the rounds of the undo window do

    with at_most(35):
        run_once("worker")

    assert Action.objects.get(pk=action_id).status == "completed"
    assert len(sink.received()) == 1


def test_a_contact_changed_at_once_over_rest(team: Team) -> None:
    caller = Caller(key_of(team.alice))

    with at_most(37, again=PREVIEWED):
        answer = caller("put", f"/contacts/{team.ana.pk}", {"properties": {"city": "Pune"}})

    assert (answer.status_code, answer.json()["outcome"]) == (200, "executed")
