"""Changes: the gate, its outcomes, retries."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.services import api_keys
from approvals.models import Action
from core import clock, operations
from core.access import Role, Scope
from core.actor import Surface
from core.operations import Proposal, Request
from crm.models import Contact, Note
from tests import factories
from tests.api.conftest import Calling, key_of
from tests.team import Team

CTO = {"properties": {"jobtitle": "CTO"}}


def _title(team: Team) -> str:
    return Contact.objects.get(pk=team.ana.pk).jobtitle


def test_a_reviewer_s_key_changes_a_record_at_once(team: Team, calling: Calling) -> None:
    answer = calling(team.rex)("put", f"/contacts/{team.ana.pk}", CTO)

    body = answer.json()
    assert (answer.status_code, body["status"], body["outcome"]) == (200, "success", "executed")
    assert body["contact"]["properties"]["jobtitle"] == "CTO"
    assert body["contact"]["_id"] == body["contact"]["contact_id"] == team.ana.pk
    assert body["previous"] == {"jobtitle": None}
    assert _title(team) == "CTO"
    assert Action.objects.get().status == "completed"


def test_a_member_s_key_queues_with_202(team: Team, calling: Calling) -> None:
    answer = calling(team.mia)("put", f"/contacts/{team.ana.pk}", CTO)

    body = answer.json()
    assert (answer.status_code, body["status"], body["outcome"]) == (202, "success", "queued")
    assert body["action_status"] == "pending_approval"
    assert body["review_url"].endswith(f"/approvals/{body['action_id']}/")
    assert _title(team) == ""


def test_approval_may_be_asked_for_and_a_dry_run_changes_nothing(
    team: Team, calling: Calling
) -> None:
    caller, path = calling(team.rex), f"/contacts/{team.ana.pk}"

    assert caller("put", path, CTO | {"dry_run": True}).json()["outcome"] == "would_execute"
    assert not Action.objects.exists()
    assert caller("put", path, CTO | {"require_approval": True}).status_code == 202
    assert _title(team) == ""


def test_a_drafted_action_waits_by_default_whatever_the_role(team: Team, calling: Calling) -> None:
    draft: dict[str, Any] = {
        "type": "update_contact",
        "params": {"contact_id": str(team.ana.pk), **CTO},
    }
    caller = calling(team.alice)

    assert caller("post", "/actions", draft).json()["outcome"] == "queued"
    draft["params"] = {"contact_id": str(team.ana.pk), "properties": {"jobtitle": "COO"}}
    now = caller("post", "/actions", draft | {"require_approval": False})
    assert now.json()["outcome"] == "executed"
    assert now.status_code == 201


def test_a_message_leaves_by_a_key_only_when_it_may_execute(team: Team, calling: Calling) -> None:
    draft = {
        "type": "email_message",
        "identity_id": str(team.mailer.pk),
        "params": {"contact_id": str(team.ana.pk), "subject": "Hello", "body": "Hi Ana!"},
        "require_approval": False,
    }

    answer = calling(team.rex, Scope.ACTIONS_WRITE)("post", "/actions", draft)

    assert answer.status_code == 202
    assert answer.json()["outcome"] == "queued"


def test_a_note_is_made_with_201_and_both_ids(team: Team, calling: Calling) -> None:
    answer = calling(team.mia)("post", f"/contacts/{team.ana.pk}/notes", {"content": "Hi"})

    body = answer.json()
    assert answer.status_code == 201
    assert body["note"]["_id"] == body["note"]["note_id"] == Note.objects.get().pk


def test_the_same_key_gets_the_first_answer(team: Team, calling: Calling) -> None:
    caller, path = calling(team.mia), f"/contacts/{team.ana.pk}/notes"
    first = caller("post", path, {"content": "Hi"}, **{"idempotency-key": "a"})

    again = caller("post", path, {"content": "Hi"}, **{"idempotency-key": "a"})

    assert again.status_code == 201
    assert again.json() == {**first.json(), "replayed": True}
    assert Note.objects.count() == 1


def test_the_same_key_with_another_body_is_422(team: Team, calling: Calling) -> None:
    caller, path = calling(team.mia), f"/contacts/{team.ana.pk}/notes"
    caller("post", path, {"content": "Hi"}, **{"idempotency-key": "a"})

    answer = caller("post", path, {"content": "Ho"}, **{"idempotency-key": "a"})

    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_mismatch"
    assert Note.objects.count() == 1


def test_idempotency_keys_of_two_api_keys_do_not_meet(team: Team, calling: Calling) -> None:
    path = f"/contacts/{team.ana.pk}/notes"

    for caller in (calling(team.mia), calling(team.mia)):
        answer = caller("post", path, {"content": "Hi"}, **{"idempotency-key": "a"})
        assert answer.status_code == 201

    assert Note.objects.count() == 2


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_an_idempotency_key_has_1_to_255_characters(team: Team, calling: Calling, key: str) -> None:
    answer = calling(team.mia)(
        "post", f"/contacts/{team.ana.pk}/notes", {"content": "Hi"}, **{"idempotency-key": key}
    )

    assert answer.status_code == 400
    assert not Note.objects.exists()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/contacts/{}", None),
        ("get", "/contacts/{}/notes", None),
        ("put", "/contacts/{}", CTO),
        ("post", "/contacts/{}/notes", {"content": "Hi"}),
    ],
)
def test_a_foreign_a_missing_and_a_malformed_id_are_the_same_404(
    team: Team, calling: Calling, method: str, path: str, body: Any
) -> None:
    caller = calling(team.alice)
    missing = "ct_01jd0000000000000000000000"

    answers = [
        caller(method, path.format(contact), body) for contact in (team.bob.pk, missing, "nonsense")
    ]

    assert {answer.status_code for answer in answers} == {404}
    bodies = [answer.json() for answer in answers]
    for found in bodies:
        del found["timestamp"], found["request_id"]
    assert bodies[0] == bodies[1] == bodies[2]
    assert caller(method, path.format(team.ana.pk), body).status_code in {200, 201, 202}


def test_a_key_that_may_approve_decides_on_what_was_shown(team: Team, calling: Calling) -> None:
    waiting = calling(team.mia)("put", f"/contacts/{team.ana.pk}", CTO).json()["action_id"]
    decider = calling(team.rex, Scope.ACTIONS_READ, Scope.ACTIONS_APPROVE, role=Role.REVIEWER)
    shown = decider("get", f"/actions/{waiting}").json()

    wrong = decider("post", f"/actions/{waiting}/approve", {"fingerprint": "0" * 32})
    right = decider("post", f"/actions/{waiting}/approve", {"fingerprint": shown["fingerprint"]})

    assert (wrong.status_code, wrong.json()["code"]) == (409, "wrong_fingerprint")
    assert right.json()["decision"] == "approved"
    assert _title(team) == "CTO"


def test_a_key_without_the_approve_scope_does_not_decide(team: Team, calling: Calling) -> None:
    waiting = calling(team.mia)("put", f"/contacts/{team.ana.pk}", CTO).json()["action_id"]

    for verb in ("approve", "reject"):
        answer = calling(team.alice)("post", f"/actions/{waiting}/{verb}", {"fingerprint": "0"})
        assert answer.status_code == 403


def test_a_member_edits_and_withdraws_an_own_draft(team: Team, calling: Calling) -> None:
    caller = calling(team.mia)
    waiting = caller("put", f"/contacts/{team.ana.pk}", CTO).json()["action_id"]
    params = {"contact_id": str(team.ana.pk), "properties": {"jobtitle": "COO"}}

    edited = caller("patch", f"/actions/{waiting}", {"params": params})
    withdrawn = caller("post", f"/actions/{waiting}/cancel")

    assert edited.json()["outcome"] == "executed"
    assert withdrawn.json()["decision"] == "cancelled"
    assert Action.objects.get().status == "cancelled"


def _approved_mail(team: Team, **more: Any) -> str:
    """The id of a message a person has approved."""
    params = {"contact_id": str(team.ana.pk), "subject": "Hello", "body": "Hi Ana!"}
    mia, rex = factories.app(team.mia), factories.person(team.rex)
    proposal = Proposal(identity_id=str(team.mailer.pk), **more)
    mail = operations.get("approvals.email_message")
    drafted = operations.submit(mia, mail, params, Request(proposal=proposal))
    action_id = str(drafted["action_id"])
    fingerprint = Action.objects.get(pk=action_id).fingerprint
    approve = operations.get("approvals.action.approve")
    operations.submit(rex, approve, {"action_id": action_id, "fingerprint": fingerprint})
    return action_id


def test_execute_brings_a_scheduled_message_forward(team: Team, calling: Calling) -> None:
    later = clock.now() + timedelta(days=2)
    action_id = _approved_mail(team, scheduled_time=later)
    caller = calling(team.rex, Scope.ACTIONS_EXECUTE)

    body = caller("post", f"/actions/{action_id}/execute").json()

    action = Action.objects.get(pk=action_id)
    assert action.runs_at is not None
    assert timedelta(0) < action.runs_at - clock.now() <= timedelta(seconds=60)
    assert body["action_status"] == action.status == "approved"
    assert "not sent yet" in body["next"]


def test_execute_never_holds_a_message_back(team: Team, calling: Calling) -> None:
    action_id = _approved_mail(team)
    before = Action.objects.get(pk=action_id).runs_at

    calling(team.rex, Scope.ACTIONS_EXECUTE)("post", f"/actions/{action_id}/execute")

    assert Action.objects.get(pk=action_id).runs_at == before


def test_execute_does_not_approve(team: Team, calling: Calling) -> None:
    waiting = calling(team.mia)("put", f"/contacts/{team.ana.pk}", CTO).json()["action_id"]

    answer = calling(team.alice, Scope.ACTIONS_EXECUTE)("post", f"/actions/{waiting}/execute")

    assert answer.status_code == 409
    assert Action.objects.get().status == "pending_approval"


def test_what_ran_can_be_undone(team: Team, calling: Calling) -> None:
    caller = calling(team.rex)
    done = caller("put", f"/contacts/{team.ana.pk}", CTO).json()["action_id"]

    answer = caller("post", f"/actions/{done}/undo")

    assert answer.status_code == 200
    assert answer.json()["action_status"] == "completed"
    assert _title(team) == ""


def test_lists_page_and_count(team: Team, calling: Calling) -> None:
    for number in range(3):
        factories.contact(team.place, f"p{number}@umbrella.example")
    caller = calling(team.vic)

    page = caller("get", "/contacts?limit=3&page=2&fields=summary").json()

    assert page["pagination"] == {"page": 2, "limit": 3, "total_pages": 2, "total_items": 4}
    assert page["contacts"][0]["_id"] == page["contacts"][0]["contact_id"]
    assert caller("get", "/contacts?count_only=true").json() == {"status": "success", "count": 4}


def test_a_key_that_may_approve_still_leaves_high_risk_actions_to_a_person(
    team: Team, calling: Calling
) -> None:
    red = {"properties": {"email": "new@umbrella.example"}}
    waiting = calling(team.mia)("put", f"/contacts/{team.ana.pk}", red).json()["action_id"]
    decider = calling(team.alice, Scope.ACTIONS_READ, Scope.ACTIONS_APPROVE)
    shown = decider("get", f"/actions/{waiting}").json()

    answer = decider("post", f"/actions/{waiting}/approve", {"fingerprint": shown["fingerprint"]})

    assert answer.status_code == 200
    assert answer.json()["outcome"] == "needs_person"
    assert answer.json()["confirm_url"].startswith("http")
    assert Action.objects.get().status == "pending_approval"


def test_a_key_outside_rest_never_decides(team: Team, calling: Calling) -> None:
    waiting = calling(team.mia)("put", f"/contacts/{team.ana.pk}", CTO).json()["action_id"]
    caller = api_keys.identify(key_of(team.alice, Scope.ACTIONS_READ, Scope.ACTIONS_APPROVE))
    assert caller is not None
    on_mcp = replace(caller.actor, surface=Surface.MCP)
    fingerprint = Action.objects.get().fingerprint

    answer = operations.submit(
        on_mcp,
        operations.get("approvals.action.approve"),
        {"action_id": waiting, "fingerprint": fingerprint},
    )

    assert answer["status"] == "needs_person"
    assert _title(team) == ""
