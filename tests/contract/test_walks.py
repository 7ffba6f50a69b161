"""The walks of docs/architecture.md: the code enters the functions they name, in order."""

import re

import pytest
from django.test import Client

from approvals.models import Action
from approvals.sending.loop import run_once
from core.access import Scope
from pathbound_mcp.env import ROOT
from tests.pages.test_queue import fields_of
from tests.protocol.clients import McpClient, connection_of, token_for
from tests.team import Team, approve
from tests.tracing import entered

STEP = re.compile(r"(?ms)^(\d+)\. (.+?)(?=^\d+\. |\Z)")
NAME = re.compile(r"`([a-z_/]+\.py):([\w.]+)`")
MOST_STEPS = 15


def walk(title: str) -> list[tuple[str, str]]:
    """The (file, function) pairs of one walk, in order."""
    _, _, rest = (ROOT / "docs" / "architecture.md").read_text().partition(f"\n## {title}\n")
    steps = STEP.findall(rest.partition("\n## ")[0])
    assert [int(number) for number, _ in steps] == list(range(1, len(steps) + 1))
    assert 0 < len(steps) <= MOST_STEPS
    return [found for _, text in steps for found in NAME.findall(text)]


def not_entered(steps: list[tuple[str, str]], found: list[tuple[str, str]]) -> list[str]:
    """The steps that are not met in this order."""
    missing, at = [], 0
    for step in steps:
        try:
            at = found.index(step, at) + 1
        except ValueError:
            missing.append(":".join(step))
    return missing


def test_changing_a_contact_over_mcp(team: Team) -> None:
    place = team.place.slug
    scopes = frozenset({Scope.CONTACTS_WRITE})
    app = McpClient(token_for(connection_of("mia", place, team.claude.role, scopes)))
    change = {"contact_id": str(team.ana.pk), "properties": {"city": "Pune"}}

    with entered() as found:
        answer = app.call("update_contact", change).json()["result"]["structuredContent"]

    assert answer["status"] == "queued"
    assert not_entered(walk("Changing a contact over MCP"), found) == []


def test_approving_in_the_browser(team: Team) -> None:
    browser, action_id = Client(), team.change()
    browser.force_login(team.rex.user)
    address = f"/approvals/{action_id}/approve/"

    with entered() as found:
        form = fields_of(browser.get("/approvals/").content.decode(), address)
        browser.post(address, form)

    assert Action.objects.get(pk=action_id).status == "completed"
    assert not_entered(walk("Approving in the browser"), found) == []


@pytest.mark.usefixtures("sink")
def test_sending_one_mail(team: Team) -> None:
    action_id = team.mail()
    approve(team.reviewer, action_id)

    with entered() as found:
        run_once("worker")

    assert Action.objects.get(pk=action_id).status == "completed"
    assert not_entered(walk("Sending one mail"), found) == []


def test_a_function_that_is_not_entered_is_noticed() -> None:
    with entered() as found:
        walk("Sending one mail")

    assert not_entered(walk("Sending one mail"), found) != []
