"""Decisions: who may decide, on which draft, only once."""

import pytest

from approvals.ledger import expiry
from approvals.models import Action
from core import clock
from core.access import Role, Scope
from core.errors import (
    AlreadyDecided,
    Changed,
    Conflict,
    Forbidden,
    InsufficientScope,
    NotFound,
    WrongFingerprint,
)
from crm.models import Contact
from tests import factories
from tests.approvals.conftest import Team, approve, decide


def test_a_parked_change_leaves_the_contact_alone(team: Team) -> None:
    answer = team.draft_change(jobtitle="CTO")

    assert answer["status"] == "queued"
    assert answer["review_url"].endswith(f"/approvals/{answer['action_id']}/")
    assert Contact.objects.get(pk=team.ana.pk).jobtitle == ""


def test_an_approved_change_is_made_at_once_and_can_be_undone(team: Team) -> None:
    answer = team.draft_change(jobtitle="CTO")

    decision = approve(team.reviewer, answer["action_id"])
    assert decision["decision"] == "approved"
    assert decision["action_status"] == "completed"
    assert Contact.objects.get(pk=team.ana.pk).jobtitle == "CTO"

    decide(team.reviewer, "undo", answer["action_id"])
    assert Contact.objects.get(pk=team.ana.pk).jobtitle == ""


@pytest.mark.parametrize(
    ("is_fresh", "level"), [(True, "fresh login"), (False, "page")], ids=["password", "page"]
)
def test_how_sure_we_are_of_the_person_is_stored(team: Team, is_fresh: bool, level: str) -> None:
    reviewer = team.reviewer.with_fresh_login() if is_fresh else team.reviewer
    action_id = team.draft_change(jobtitle="CTO")["action_id"]

    approve(reviewer, action_id)

    assert (Action.objects.get(pk=action_id).decision or {})["level"] == level


def test_an_approved_mail_is_held_for_its_undo_window(team: Team) -> None:
    answer = team.draft_mail()

    decision = approve(team.reviewer, answer["action_id"])

    assert decision["action_status"] == "approved"
    assert decision["status_detail"] == "undo_window"
    assert decision["undo_until"] < decision["runs_at"]


def test_the_second_reviewer_is_told_who_was_faster(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]
    approve(team.reviewer, action_id)

    with pytest.raises(AlreadyDecided, match="Rex approved this at"):
        approve(factories.person(team.alice), action_id)


def test_the_same_reviewer_repeating_himself_gets_the_first_answer(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]
    first = approve(team.reviewer, action_id)

    again = approve(team.reviewer, action_id)

    assert again == first | {"replayed": True}


def test_a_member_and_a_viewer_do_not_decide(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]

    for membership in (team.mia, team.vic):
        with pytest.raises(Forbidden):
            approve(factories.person(membership), action_id)
    assert Action.objects.get(pk=action_id).status == "pending_approval"


def test_another_workspaces_reviewer_finds_nothing(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]
    gil = factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN)

    with pytest.raises(NotFound) as foreign:
        approve(factories.person(gil), action_id)
    with pytest.raises(NotFound) as missing:
        decide(factories.person(gil), "approve", "act_nothing", fingerprint="0" * 32)
    assert foreign.value.as_dict() == missing.value.as_dict()


def test_a_made_up_fingerprint_approves_nothing(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]

    with pytest.raises(WrongFingerprint):
        decide(team.reviewer, "approve", action_id, fingerprint="f" * 32)


def test_an_edit_voids_the_fingerprint_that_was_shown(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]
    shown = Action.objects.get(pk=action_id).fingerprint
    params = Action.objects.get(pk=action_id).params | {"body": "Hello again"}
    decide(team.reviewer, "edit", action_id, params=params)

    with pytest.raises(Changed, match="by Rex"):
        decide(team.reviewer, "approve", action_id, fingerprint=shown)


def test_an_edit_after_approval_waits_for_a_new_one(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]
    approve(team.reviewer, action_id)
    params = Action.objects.get(pk=action_id).params | {"body": "Hello again"}

    decide(team.reviewer, "edit", action_id, params=params)

    action = Action.objects.get(pk=action_id)
    assert (action.status, action.decided_by, action.runs_at) == ("pending_approval", None, None)


def test_an_app_without_the_approve_box_gets_a_page_for_its_person(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]

    answer = approve(factories.app(team.rex), action_id)

    assert answer["status"] == "needs_person"
    assert "/approvals/confirm/" in answer["confirm_url"]
    assert Action.objects.get(pk=action_id).status == "pending_approval"


def test_a_high_risk_action_is_not_approved_by_a_tool_even_with_the_box(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]

    answer = approve(factories.app(team.rex, factories.ALL_SCOPES), action_id)

    assert answer["status"] == "needs_person"
    assert "first message to ana@umbrella.example" in answer["why"]


def test_an_app_with_the_box_decides_what_is_not_red(team: Team) -> None:
    action_id = team.draft_change(jobtitle="CTO")["action_id"]

    answer = approve(factories.app(team.rex, factories.ALL_SCOPES), action_id)

    assert answer["decision"] == "approved"


def test_a_requester_withdraws_his_own_draft_and_nobody_elses(team: Team) -> None:
    own = team.draft_mail()["action_id"]
    other = team.draft_change(factories.app(team.alice))["action_id"]

    answer = decide(team.claude, "reject", own)

    assert (answer["decision"], answer["status_detail"]) == ("cancelled", "withdrawn")
    assert decide(team.claude, "reject", other)["status"] == "needs_person"


def test_rejecting_stops_what_was_approved_and_has_not_begun(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]
    approve(team.reviewer, action_id)

    answer = decide(team.reviewer, "reject", action_id, reason_code="wrong_time")

    assert (answer["action_status"], answer["status_detail"]) == ("cancelled", "withdrawn")


def test_a_changed_address_sends_the_card_back(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]
    Contact.objects.filter(pk=team.ana.pk).update(email="ana@elsewhere.example")

    with pytest.raises(Changed):
        approve(team.reviewer, action_id)


def test_deciding_without_the_scope_to_read_actions_is_refused(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]
    blind = factories.app(team.rex, frozenset({Scope.CONTACTS_READ}))

    with pytest.raises(InsufficientScope):
        approve(blind, action_id)


def test_what_has_expired_is_not_approved_even_before_it_is_swept(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]
    Action.objects.filter(pk=action_id).update(expires_at=clock.now())

    with pytest.raises(Conflict, match="expired"):
        approve(team.reviewer, action_id)

    assert expiry.expire_due() == 1
    assert Action.objects.get(pk=action_id).status_detail == "expired"


def test_the_same_requester_withdrawing_twice_gets_the_first_answer(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]
    first = decide(team.claude, "reject", action_id)

    assert decide(team.claude, "reject", action_id) == first | {"replayed": True}
    with pytest.raises(AlreadyDecided, match="withdrew this at"):
        approve(team.reviewer, action_id)


@pytest.mark.parametrize(("verdict", "words"), [("reject", "stopped"), ("undo", "undid")])
def test_whoever_comes_late_hears_what_was_done_last(team: Team, verdict: str, words: str) -> None:
    action_id = team.draft_mail()["action_id"]
    approve(team.reviewer, action_id)
    decide(factories.person(team.alice), verdict, action_id)

    with pytest.raises(AlreadyDecided, match=f"Alice {words} this at"):
        decide(team.reviewer, "undo", action_id)


def test_what_is_edited_after_its_approval_gets_new_time_to_decide(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]
    approve(team.reviewer, action_id)
    Action.objects.filter(pk=action_id).update(expires_at=clock.now())
    params = Action.objects.get(pk=action_id).params | {"body": "Hello again"}

    decide(team.reviewer, "edit", action_id, params=params)

    assert expiry.expire_due() == 0
    assert approve(team.reviewer, action_id)["decision"] == "approved"
