"""The tool update_action: a changed draft waits again, even if it had been approved."""

from datetime import timedelta
from typing import Any

import pytest

from approvals.models import Action
from core import clock
from core.access import Role
from core.actor import Actor
from core.errors import AlreadyDecided, Forbidden, NotFound, ValidationFailed
from tests import factories
from tests.approvals.conftest import Team, approve, decide
from tools import catalog


def update(actor: Actor, action_id: str, **changes: Any) -> dict[str, Any]:
    tool = catalog.all_tools()["update_action"]
    return tool.call(actor, {"action_id": action_id, **changes})


def test_new_params_replace_the_whole_object_and_void_the_approval(team: Team) -> None:
    action_id = team.mail(cc=["bob@umbrella.example"])
    approve(team.reviewer, action_id)
    before = Action.objects.get(pk=action_id)
    params = {"contact_id": str(team.ana.pk), "subject": "Later", "body": "Next week?"}

    answer = update(team.claude, action_id, params=params)

    action = Action.objects.get(pk=action_id)
    assert answer["status"] == "executed"
    assert action.params == params
    assert (action.status, action.decided_by) == ("pending_approval", None)
    assert action.fingerprint != before.fingerprint


def test_left_out_params_stay_as_they_are(team: Team) -> None:
    action_id = team.mail()
    before = Action.objects.get(pk=action_id)
    later = clock.now() + timedelta(days=2)

    update(team.claude, action_id, scheduled_time=clock.iso(later))

    action = Action.objects.get(pk=action_id)
    assert action.params == before.params
    assert action.scheduled_time is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"params": {}},
        {"params": {"subject": "no recipient", "body": "x"}},
        {"params": {"contact_id": "ct_01jd0000000000000000000000", "subject": "s", "body": "b"}},
        {"params": {"to": ["a@b.example"], "subject": "s", "body": "b", "headers": {"X": "y"}}},
        {"identity_id": "id_01jd0000000000000000000000"},
        {"scheduled_time": "2020-01-01T00:00:00Z"},
        {"version": 1},
        {"status": "approved"},
    ],
)
def test_a_bad_change_changes_nothing(team: Team, changes: dict[str, Any]) -> None:
    action_id = team.mail()
    before = Action.objects.filter(pk=action_id).values().get()
    with pytest.raises((ValidationFailed, NotFound)):
        update(team.claude, action_id, **changes)
    assert Action.objects.filter(pk=action_id).values().get() == before


def test_only_whoever_asked_or_a_reviewer_changes_it(team: Team) -> None:
    action_id = team.mail()
    params = {"contact_id": str(team.ana.pk), "subject": "Mine", "body": "now"}
    other = factories.member(team.place, "Max", Role.MEMBER)
    with pytest.raises(Forbidden):
        update(factories.app(other), action_id, params=params)
    assert update(factories.app(team.rex), action_id, params=params)["status"] == "executed"


def test_a_foreign_draft_is_a_missing_one_and_a_decided_one_stays(team: Team) -> None:
    action_id = team.mail()
    gil = factories.app(factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN))
    said = set()
    for wanted in (action_id, "act_01jd0000000000000000000000", "nonsense"):
        with pytest.raises(NotFound) as refusal:
            update(gil, wanted, description="x")
        said.add(refusal.value.message)
    assert len(said) == 1
    decide(team.reviewer, "reject", action_id, reason_code="not_wanted")
    with pytest.raises(AlreadyDecided):
        update(team.claude, action_id, description="x")
