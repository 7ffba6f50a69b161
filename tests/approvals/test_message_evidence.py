"""A draft may have messages as evidence if the requester and the reader may see them."""

from typing import Any

import pytest

from accounts.models import Membership
from approvals.cards import build
from approvals.models import Action
from core import clock, operations
from core.actor import Actor
from core.errors import ValidationFailed
from core.operations import Proposal, Request
from crm.models import Message, Thread
from tests import factories
from tests.approvals.conftest import Team


def draft(team: Team, actor: Actor, *evidence: Message) -> dict[str, Any]:
    """A change of Ana with the messages as evidence."""
    return operations.submit(
        actor,
        operations.get("crm.contact.update"),
        {"contact_id": str(team.ana.pk), "properties": {"jobtitle": "CTO"}},
        Request(proposal=Proposal(evidence=tuple(str(row.pk) for row in evidence))),
    )


def message(team: Team, owner: Membership, level: str, **facts: Any) -> Message:
    thread = factories.thread(team.ana, owner, sharing=level)
    return factories.message(thread, "the secret price", **facts)


def shown(actor: Actor, action_id: str) -> list[tuple[str, str, str, str]]:
    found = build.card(actor, action_id).evidence
    return [(row.id, row.kind, row.source, row.summary) for row in found]


def test_a_message_is_evidence_with_its_subject_and_who_wrote_it(team: Team) -> None:
    came = message(team, team.mia, "full", subject="Price for 40?")
    went = message(team, team.mia, "full", direction="out")

    made = draft(team, team.claude, came, went)

    assert shown(team.reviewer, made["action_id"]) == [
        (came.pk, "message", "external", "Price for 40?"),
        (went.pk, "message", "person", "Depots"),
    ]


def test_who_may_not_see_a_message_cannot_rest_on_it(team: Team) -> None:
    hidden, open_one = (message(team, team.alice, level) for level in ("owner_only", "full"))
    other = factories.contact(factories.workspace("Globex"), "bob@globex.example")
    foreign = factories.message(factories.thread(other))
    gone = message(team, team.mia, "full")
    Thread.objects.filter(pk=gone.thread_id).update(deleted_at=clock.now())

    refusals = set()
    for row in (hidden, foreign, gone):
        with pytest.raises(ValidationFailed) as refusal:
            draft(team, team.claude, open_one, row)
        refusals.add(str(refusal.value.as_dict()))

    assert len(refusals) == 1
    assert not Action.objects.exists()
    assert draft(team, team.claude, open_one)["status"] == "queued"
    assert draft(team, factories.app(team.alice), hidden)["status"] == "queued"


def test_a_card_shows_no_message_that_its_reader_may_not_see(team: Team) -> None:
    own, half = (message(team, team.mia, level) for level in ("owner_only", "subject_and_time"))

    action_id = draft(team, team.claude, own, half)["action_id"]

    assert [row[0] for row in shown(factories.person(team.mia), action_id)] == [own.pk, half.pk]
    assert shown(team.reviewer, action_id) == [(half.pk, "message", "external", "Depots")]
    assert "secret" not in str(build.card(team.reviewer, action_id))


def test_a_message_goes_from_the_evidence_with_its_contact(team: Team) -> None:
    row = message(team, team.mia, "full")
    bo = factories.contact(team.place, "bo@hooli.example")
    Thread.objects.update(contact=bo)
    action_id = draft(team, team.claude, row)["action_id"]
    assert shown(team.reviewer, action_id)

    type(bo).objects.filter(pk=bo.pk).update(deleted_at=clock.now())

    assert shown(team.reviewer, action_id) == []
