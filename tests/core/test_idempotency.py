"""A retry is the same request: one effect, one answer."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from accounts.models import Workspace
from approvals.models import Action
from core import operations
from core.actor import Client
from core.errors import Conflict, IdempotencyMismatch, NotFound, Unavailable, ValidationFailed
from core.models import AuditEntry, KeptAnswer
from core.operations import Proposal, Request
from crm.models import Note
from tests import factories
from tests.core.conftest import note
from tests.team import Team
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def test_the_same_key_and_arguments_replay_the_first_answer(team: Team) -> None:
    first = note(team, idempotency_key="k")
    audited = AuditEntry.objects.count()

    again = note(team, idempotency_key="k")

    assert again == first | {"replayed": True}
    assert Note.objects.count() == 1
    assert AuditEntry.objects.count() == audited


def test_a_replay_tells_what_became_of_the_action_since(team: Team) -> None:
    def ask() -> dict[str, Any]:
        op = operations.get("crm.contact.update")
        data = {"contact_id": str(team.ana.pk), "properties": {"jobtitle": "CTO"}}
        return operations.submit(team.claude, op, data, Request(idempotency_key="k"))

    first = ask()
    operations.submit(
        team.claude,
        operations.get("approvals.action.reject"),
        {"action_id": first["action_id"]},
    )

    again = ask()

    assert first["action_status"] == "pending_approval"
    assert again["action_status"] == "cancelled"
    assert again["replayed"] is True
    assert Action.objects.count() == 1


def test_other_arguments_under_the_same_key_are_refused(team: Team) -> None:
    note(team, idempotency_key="k")

    with pytest.raises(IdempotencyMismatch):
        note(team, idempotency_key="k", content="Other")
    with pytest.raises(IdempotencyMismatch):
        note(team, idempotency_key="k", proposal=Proposal(description="Other"))

    assert Note.objects.count() == 1


def test_the_order_of_arguments_does_not_matter(team: Team) -> None:
    op = operations.get("crm.contact.note.create")
    pairs = [("contact_id", str(team.ana.pk)), ("content", "Hi")]

    for data in (dict(pairs), dict(reversed(pairs))):
        operations.submit(team.claude, op, data, Request(idempotency_key="k"))

    assert Note.objects.count() == 1


def test_a_key_belongs_to_one_user_one_app_one_workspace_and_one_operation(team: Team) -> None:
    other_app = Client(name="Claude", host="claude.ai", connection_id="conn_2", token_id="tok_2")
    first = note(team, idempotency_key="k")

    answers = [
        note(team, team.admin, idempotency_key="k"),
        note(team, team.member, idempotency_key="k"),
        note(team, replace(team.claude, client=other_app), idempotency_key="k"),
    ]

    assert all("replayed" not in answer for answer in [first, *answers])
    assert Note.objects.count() == 4
    renewed = replace(team.claude, client=replace(factories.CLAUDE, token_id="tok_9"))
    assert note(team, renewed, idempotency_key="k")["replayed"] is True


def test_the_same_person_in_two_workspaces_has_two_keys(team: Team) -> None:
    there = replace(team.claude, workspace_id=team.foreign_admin.workspace_id)
    bob = factories.contact(Workspace.objects.get(pk=team.foreign_admin.workspace_id))
    note(team, idempotency_key="k")

    op = operations.get("crm.contact.note.create")
    data = {"contact_id": str(bob.pk), "content": "Hi"}
    answer = operations.submit(there, op, data, Request(idempotency_key="k"))

    assert "replayed" not in answer
    assert Note.objects.count() == 2


@pytest.mark.parametrize("key", ["", "k" * 256, "k\x00", "k\ud800"])
def test_a_key_no_database_keeps_is_refused(team: Team, key: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        note(team, idempotency_key=key)

    assert refusal.value.field == "idempotency_key"
    assert not Note.objects.exists()


def test_the_longest_key_is_kept(team: Team) -> None:
    note(team, idempotency_key="k" * 255)

    assert note(team, idempotency_key="k" * 255)["replayed"] is True


def test_without_a_key_nothing_is_kept(team: Team) -> None:
    note(team)
    note(team)

    assert Note.objects.count() == 2
    assert not KeptAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_refused_request_does_not_take_its_key(team: Team) -> None:
    op = operations.get("crm.contact.note.create")
    with pytest.raises(NotFound):
        operations.submit(
            team.claude,
            op,
            {"contact_id": "ct_none", "content": "Hi"},
            Request(idempotency_key="k"),
        )

    assert note(team, idempotency_key="k")["status"] == "executed"


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_with_one_key_have_one_effect(team: Team) -> None:
    calls: list[Callable[[], Any]] = [lambda: note(team, idempotency_key="k")] * 10

    answers, refusals = at_once(calls)

    assert Note.objects.count() == 1
    assert len({answer["result"]["note"]["note_id"] for answer in answers}) == 1
    assert [answer.get("replayed") for answer in answers].count(None) == 1
    assert all(isinstance(refusal, Conflict | Unavailable) for refusal in refusals)
