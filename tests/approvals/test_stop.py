"""The kill switch: no action starts while it is on, and all members are notified (approvals-13)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Membership
from approvals.models import Action, Attempt, Stop
from approvals.sending import claim
from approvals.sending.deliver import deliver
from approvals.sending.loop import run_once
from approvals.stopping import kill_switch, stops
from core import clock, operations
from core.access import Role
from core.actor import Actor
from core.errors import AppError, Conflict, Forbidden, Paused
from core.models import AuditEntry
from core.operations import Effect, Proposal, Request
from tests import factories
from tests.approvals.conftest import Team, approve, decide
from tests.mail import Sink
from tools import catalog

SECOND = timedelta(seconds=1)


def admin(team: Team) -> Actor:
    return factories.person(team.alice).with_fresh_login()


def browser(membership: Membership, *, fresh: bool = False) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(membership.user)
    if fresh:
        client.post("/settings/password/", {"password": factories.PASSWORD})
    return client


def approved_mail(team: Team, **changes: Any) -> Action:
    action_id = team.draft_mail(**changes)["action_id"]
    approve(team.reviewer, action_id)
    return Action.objects.get(pk=action_id)


def test_a_call_that_changes_or_sends_is_refused_with_who_and_when(team: Team) -> None:
    kill_switch.stop(team.reviewer, "An assistant runs wild")
    before = Action.objects.count(), AuditEntry.objects.count()

    for ask in (team.draft_mail, team.draft_change):
        for actor in (team.claude, factories.person(team.alice)):
            with pytest.raises(Paused) as refusal:
                ask(actor)
            error = refusal.value.as_dict()
            assert (error["code"], refusal.value.http_status) == ("paused", 503)
            assert error["stopped_by"] == "Rex"
            assert "Rex stopped this workspace at" in error["message"]
            assert error["stopped_at"].startswith(f"{clock.now():%Y-%m-%d}")

    assert (Action.objects.count(), AuditEntry.objects.count()) == before


def test_every_operation_that_is_no_read_is_refused_but_those_that_only_take_back() -> None:
    on = {op.name for op in operations.all_operations() if op.while_stopped}

    assert on == {
        "approvals.action.reject",
        "approvals.action.undo",
        "agents.run.reject",
        "jobs.job.cancel",
    }
    assert not any(operations.get(name).read_only for name in on)


def test_an_approval_waits_until_the_workspace_goes_on(team: Team) -> None:
    action_id = team.draft_mail()["action_id"]
    kill_switch.stop(team.reviewer)

    with pytest.raises(Paused):
        approve(team.reviewer, action_id)
    assert Action.objects.get(pk=action_id).status == "pending_approval"

    kill_switch.resume(admin(team))
    assert approve(team.reviewer, action_id)["decision"] == "approved"


def test_a_dry_run_of_a_stopped_workspace_is_refused_too(team: Team) -> None:
    kill_switch.stop(team.reviewer)

    with pytest.raises(Paused):
        team.draft_mail(request={"dry_run": True})


def test_rejecting_and_undoing_go_on(team: Team) -> None:
    waits, held = team.draft_mail()["action_id"], approved_mail(team, subject="Held")
    kill_switch.stop(team.reviewer)

    assert decide(team.reviewer, "reject", waits)["decision"] == "rejected"
    assert decide(team.reviewer, "undo", str(held.pk))["result"]["status"] == "cancelled"


def test_nothing_begins_and_what_was_held_waits_for_a_person_after_it(
    team: Team, sink: Sink
) -> None:
    action = approved_mail(team)
    later = approved_mail(team, subject="Later", scheduled_time=clock.now() + 600 * SECOND)
    kill_switch.stop(team.reviewer)
    Action.objects.filter(pk=later.pk).update(runs_at=clock.now())

    assert run_once("w") == 0
    assert sink.received() == []

    assert kill_switch.resume(admin(team)) == 2
    for row in Action.objects.filter(pk__in=[action.pk, later.pk]):
        assert (row.status, row.status_detail) == ("pending_approval", "held_by_stop")
        assert (row.decided_by, row.runs_at, row.send_by) == (None, None, None)
    assert run_once("w") == 0
    assert approve(team.reviewer, str(action.pk))["decision"] == "approved"
    run_once("w")
    assert len(sink.received()) == 1


@pytest.mark.parametrize("lifted", [False, True])
def test_what_was_claimed_before_the_stop_does_not_begin(
    team: Team, sink: Sink, lifted: bool
) -> None:
    action = approved_mail(team)
    claim.claim(action, "w")
    kill_switch.stop(team.reviewer)
    if lifted:
        kill_switch.resume(admin(team))

    deliver(action, "w")

    held = Action.objects.get(pk=action.pk)
    assert (held.status, held.status_detail) == ("pending_approval", "held_by_stop")
    assert sink.received() == []
    assert not Attempt.objects.exists()


def test_a_record_change_whose_time_came_does_not_run(team: Team) -> None:
    answer = operations.submit(
        team.claude,
        operations.get("crm.contact.update"),
        {"contact_id": str(team.ana.pk), "properties": {"city": "Bern"}},
        Request(proposal=Proposal(scheduled_time=clock.now() + 600 * SECOND)),
    )
    approve(team.reviewer, answer["action_id"])
    action = Action.objects.get(pk=answer["action_id"])
    claim.claim(action, "w")
    kill_switch.stop(team.reviewer)

    deliver(action, "w")

    team.ana.refresh_from_db()
    assert team.ana.city == ""


def test_a_worker_lost_before_sending_leaves_a_stopped_action_to_a_person(
    team: Team, sink: Sink
) -> None:
    action = approved_mail(team)
    claim.claim(action, "dead")
    kill_switch.stop(team.reviewer)
    Action.objects.filter(pk=action.pk).update(lease_until=clock.now() - SECOND)

    run_once("w")

    assert Action.objects.get(pk=action.pk).status_detail == "held_by_stop"


def test_another_workspace_goes_on(team: Team, sink: Sink) -> None:
    approved_mail(team)
    gil = factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN)
    kill_switch.stop(factories.person(gil))

    assert run_once("w") == 1
    assert len(sink.received()) == 1
    assert stops.said_to(team.reviewer) == ""


@pytest.mark.parametrize("name", ["vic", "mia", "rex", "alice"])
def test_any_reviewer_stops_and_only_an_admin_with_a_fresh_login_resumes(
    team: Team, name: str
) -> None:
    membership: Membership = getattr(team, name)
    actor = factories.person(membership)
    if name in {"rex", "alice"}:
        kill_switch.stop(actor)
    else:
        with pytest.raises(Forbidden):
            kill_switch.stop(actor)
        kill_switch.stop(team.reviewer)

    with pytest.raises(Forbidden):
        kill_switch.resume(actor)
    assert stops.active_stop(str(team.place.pk))
    if name == "alice":
        kill_switch.resume(actor.with_fresh_login())
        assert stops.active_stop(str(team.place.pk)) is None
    else:
        with pytest.raises(Forbidden):
            kill_switch.resume(actor.with_fresh_login())


def test_no_app_presses_the_switch(team: Team) -> None:
    trusted = factories.app(team.alice, factories.ALL_SCOPES).with_fresh_login()

    with pytest.raises(Forbidden):
        kill_switch.stop(trusted)
    kill_switch.stop(team.reviewer)
    with pytest.raises(Forbidden):
        kill_switch.resume(trusted)


def test_a_second_press_changes_nothing_and_the_database_holds_one_open_stop(
    team: Team,
) -> None:
    first = kill_switch.stop(team.reviewer)

    assert kill_switch.stop(factories.person(team.alice)).pk == first.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Stop.objects.create(place=first.place, stopped_by_name="Zoe", stopped_at=clock.now())
    with pytest.raises(Conflict):
        kill_switch.resume(admin(team)) + kill_switch.resume(admin(team))


def test_resuming_what_is_not_stopped_returns_nothing_to_the_queue(team: Team) -> None:
    action = approved_mail(team)

    with pytest.raises(Conflict):
        kill_switch.resume(admin(team))

    assert Action.objects.get(pk=action.pk).status == "approved"


def test_the_operator_stops_everything_and_an_admin_cannot_lift_it(
    team: Team, sink: Sink, capsys: pytest.CaptureFixture[str]
) -> None:
    action = approved_mail(team)
    with pytest.raises(CommandError, match="Nothing is stopped"):
        call_command("resume")
    call_command("stop", reason="Moving house")

    assert run_once("w") == 0
    with pytest.raises(Paused, match="the operator"):
        team.draft_change()
    with pytest.raises(Conflict):
        kill_switch.resume(admin(team))
    call_command("resume")

    assert "again: 1." in capsys.readouterr().out
    assert Action.objects.get(pk=action.pk).status_detail == "held_by_stop"


def test_what_a_workspace_stopped_itself_stays_stopped_after_the_operator_resumed(
    team: Team, sink: Sink
) -> None:
    action = approved_mail(team)
    kill_switch.stop(team.reviewer)
    kill_switch.stop_everything()
    kill_switch.resume_everything()

    assert Action.objects.get(pk=action.pk).status == "approved"
    assert run_once("w") == 0
    with pytest.raises(Paused, match="Rex"):
        team.draft_change()


READS = [tool for tool in catalog.all_tools().values() if tool.declared.effect is Effect.READ]


@pytest.mark.parametrize("name", ["list_contacts", "list_actions", "review_pending_actions"])
def test_every_tool_s_answer_says_that_the_workspace_is_stopped(team: Team, name: str) -> None:
    tool = next(tool for tool in READS if tool.name == name)
    assert "paused" not in tool.call(team.claude, {})
    kill_switch.stop(team.reviewer)

    assert tool.call(team.claude, {})["paused"].startswith("Rex stopped this workspace")


def test_every_tool_declares_the_word(team: Team) -> None:
    for tool in catalog.all_tools().values():
        assert tool.output_schema["properties"]["paused"] == {"type": "string"}


def test_a_repeated_request_gets_its_first_answer_though_it_is_stopped(team: Team) -> None:
    first = team.draft_mail(request={"idempotency_key": "k"})
    kill_switch.stop(team.reviewer)

    again = team.draft_mail(request={"idempotency_key": "k"})

    assert (again["action_id"], again["replayed"]) == (first["action_id"], True)


@pytest.mark.parametrize("page", ["/approvals/", "/settings/members/", "/settings/stop/"])
def test_every_page_says_it(team: Team, page: str) -> None:
    client = browser(team.vic)
    assert b"was stopped by" not in client.get(page).content
    kill_switch.stop(team.reviewer)

    assert b"Rex stopped this workspace" in client.get(page).content


def test_the_page_stops_and_asks_for_the_password_before_it_resumes(team: Team) -> None:
    reviewer, boss = browser(team.rex), browser(team.alice)

    assert browser(team.mia).post("/settings/stop/").status_code == 403
    assert reviewer.post("/settings/stop/", {"reason": "x" * 301}).status_code == 400
    assert reviewer.post("/settings/stop/", {"reason": "Odd mails"}).status_code == 302
    assert "Odd mails" in boss.get("/settings/stop/").content.decode()
    assert boss.post("/settings/stop/resume/").status_code == 403
    assert reviewer.post("/settings/stop/resume/").status_code == 403
    assert stops.active_stop(str(team.place.pk))

    assert browser(team.alice, fresh=True).post("/settings/stop/resume/").status_code == 302
    assert stops.active_stop(str(team.place.pk)) is None


def test_stop_and_resume_are_in_the_audit_log(team: Team) -> None:
    kill_switch.stop(team.reviewer)
    kill_switch.resume(admin(team))

    rows = AuditEntry.objects.filter(workspace_id=team.place.pk, verb__in=[
        "approvals.stop", "approvals.resume",
    ])  # fmt: skip
    assert [(row.verb, row.actor_name) for row in rows.order_by("at")] == [
        ("approvals.stop", "Rex"),
        ("approvals.resume", "Alice"),
    ]


def test_a_stop_pressed_while_a_call_is_planned_still_refuses_it(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The brake is read again in the transaction that would write."""
    plan = operations._plan

    def planned_then_stopped(actor: Actor, op: Any, data: Any, request: Request) -> Any:
        made = plan(actor, op, data, request)
        kill_switch.stop(team.reviewer)
        return made

    monkeypatch.setattr(operations, "_plan", planned_then_stopped)
    with pytest.raises(AppError) as refusal:
        team.draft_mail()

    assert refusal.value.code == "paused"
    assert not Action.objects.exists()
