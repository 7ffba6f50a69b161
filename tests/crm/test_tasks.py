"""Tasks and escalations: drafted, approved, undone, completed; and the stage with its reason."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from approvals.models import Action
from core import operations
from core.access import Role
from core.actor import Actor
from core.errors import AppError, Conflict, Forbidden, NotFound, ValidationFailed
from crm.models import Contact, StageChange, Task
from tests import factories
from tests.approvals.conftest import Team, approve, decide, make_team
from tools import catalog


@pytest.fixture
def team(db: None) -> Team:
    return make_team()


def draft(team: Team, kind: str, **params: Any) -> dict[str, Any]:
    """A draft as Mia's app makes it, by create_action."""
    return draft_by(team.claude, kind, **params)


def draft_by(actor: Actor, kind: str, **params: Any) -> dict[str, Any]:
    tool = catalog.all_tools()["create_action"]
    return tool.call(actor, {"type": kind, "params": params})


def done(team: Team, kind: str, **params: Any) -> Action:
    """The same, approved by Rex."""
    action_id = draft(team, kind, **params)["action_id"]
    approve(team.reviewer, action_id)
    return Action.objects.get(pk=action_id)


def finish(actor: Actor, task_id: str, *, done: bool = True) -> dict[str, Any]:
    op = operations.get("crm.task.finish")
    return operations.submit(actor, op, {"task_id": task_id, "done": done})


def test_a_drafted_task_is_made_when_it_is_approved(team: Team) -> None:
    about = {"contact_id": str(team.ana.pk), "title": "Call Ana", "details": "About prices."}
    due = {"due_at": "2026-12-01T09:00:00+01:00", "assignee": team.rex.user.email.upper()}
    answer = draft(team, "create_task", **about, **due)
    assert answer["status"] == "queued"
    assert not Task.objects.exists()

    approve(team.reviewer, answer["action_id"])

    task = Task.objects.get()
    assert (task.title, task.source, task.assignee) == ("Call Ana", "assistant", team.rex.user)
    assert f"{task.due_at:%H:%M}" == "08:00"


def test_a_task_may_be_about_a_company(team: Team) -> None:
    company = factories.company(team.place)

    action = done(team, "create_task", company_id=str(company.pk), title="Send the contract")

    assert Task.objects.get().company == company
    assert str(action.company_id) == str(company.pk)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"title": "Nobody"}, None),
        ({"contact_id": "ct_x", "company_id": "co_x", "title": "Two"}, None),
        ({"contact_id": "ANA", "title": ""}, "title"),
        ({"contact_id": "ANA", "title": "two\nlines"}, "title"),
        ({"contact_id": "ANA", "title": "x", "due_at": "tomorrow"}, "due_at"),
        ({"contact_id": "ANA", "title": "x", "due_at": "2026-12-01T09:00:00"}, "due_at"),
        ({"contact_id": "ANA", "title": "x", "assignee": "eve@evil.example"}, "assignee"),
        ({"contact_id": "ANA", "title": "x", "priority": "high"}, "priority"),
    ],
)
def test_a_task_that_does_not_fit_is_refused(
    team: Team, params: dict[str, Any], field: str | None
) -> None:
    given = {key: str(team.ana.pk) if value == "ANA" else value for key, value in params.items()}

    with pytest.raises(ValidationFailed) as refusal:
        draft(team, "create_task", **given)

    assert refusal.value.field == field
    assert not Action.objects.exists()


def test_a_former_member_is_given_nothing(team: Team) -> None:
    Membership.objects.filter(pk=team.vic.pk).update(is_active=False)

    with pytest.raises(ValidationFailed):
        draft(
            team,
            "create_task",
            contact_id=str(team.ana.pk),
            title="x",
            assignee=team.vic.user.email,
        )


@pytest.mark.parametrize("kind", ["create_task", "escalate_to_human", "update_lifecycle_stage"])
def test_another_workspaces_contact_is_not_there(team: Team, kind: str) -> None:
    foreign = factories.contact(factories.workspace("Globex"), "gus@globex.example")
    extra = {"title": "x"} if kind == "create_task" else {"reason": "x"}
    extra |= {"stage": "mql"} if kind == "update_lifecycle_stage" else {}

    for contact_id in (str(foreign.pk), "ct_00000000000000000000000000", "nonsense"):
        with pytest.raises(NotFound):
            draft(team, kind, contact_id=contact_id, **extra)


def test_undoing_a_task_takes_it_back_until_somebody_touched_it(team: Team) -> None:
    first = done(team, "create_task", contact_id=str(team.ana.pk), title="One")
    second = done(team, "create_task", contact_id=str(team.ana.pk), title="Two")
    finish(team.reviewer, str(Task.objects.get(title="Two").pk))

    decide(team.reviewer, "undo", str(first.pk))
    with pytest.raises(Conflict):
        decide(team.reviewer, "undo", str(second.pk))

    assert [task.title for task in Task.objects.filter(deleted_at=None)] == ["Two"]
    with pytest.raises(NotFound):
        finish(team.reviewer, str(Task.objects.get(title="One").pk))


def test_only_an_undo_takes_a_task_back(team: Team) -> None:
    done(team, "create_task", contact_id=str(team.ana.pk), title="One")
    op = operations.get("crm.task.withdraw")

    with pytest.raises(Forbidden):
        operations.submit(team.reviewer, op, {"task_id": str(Task.objects.get().pk)})


def test_an_escalation_is_a_task_that_says_why(team: Team) -> None:
    done(team, "escalate_to_human", contact_id=str(team.ana.pk), reason="She is angry.")

    task = Task.objects.get()
    assert (task.title, task.details) == ("Needs your decision", "She is angry.")
    assert task.contact == team.ana


def test_a_change_of_stage_keeps_its_reason_and_can_be_undone(team: Team) -> None:
    Contact.objects.filter(pk=team.ana.pk).update(lifecyclestage="lead")
    answer = {"contact_id": str(team.ana.pk), "stage": "mql", "reason": "Asked for a demo"}
    action = done(team, "update_lifecycle_stage", **answer)

    step = StageChange.objects.get()
    assert (step.before, step.after, step.reason) == ("lead", "mql", "Asked for a demo")
    assert action.previous == {"lifecyclestage": "lead"}

    decide(team.reviewer, "undo", str(action.pk))
    assert Contact.objects.get(pk=team.ana.pk).lifecyclestage == "lead"
    assert StageChange.objects.count() == 2


def test_a_first_stage_is_undone_to_none(team: Team) -> None:
    before = {"contact_id": str(team.ana.pk), "stage": None}
    assert draft(team, "update_lifecycle_stage", **before)["status"] == "noop"
    action = done(team, "update_lifecycle_stage", contact_id=str(team.ana.pk), stage="mql")

    decide(team.reviewer, "undo", str(action.pk))

    assert Contact.objects.get(pk=team.ana.pk).lifecyclestage == ""


def test_a_stage_that_does_not_exist_is_named_with_the_valid_ones(team: Team) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        draft(team, "update_lifecycle_stage", contact_id=str(team.ana.pk), stage="leed")

    assert refusal.value.field == "stage"


@pytest.mark.parametrize(
    ("role", "allowed"),
    [(Role.VIEWER, False), (Role.MEMBER, True), (Role.REVIEWER, True), (Role.ADMIN, True)],
)
def test_members_finish_tasks_and_viewers_look(team: Team, role: Role, allowed: bool) -> None:
    done(team, "create_task", contact_id=str(team.ana.pk), title="One")
    task_id = str(Task.objects.get().pk)
    someone = factories.person(factories.member(team.place, "Max", role))
    listed = operations.submit(someone, operations.get("crm.task.list"), {})
    assert [task["task_id"] for task in listed["tasks"]] == [task_id]

    if not allowed:
        with pytest.raises(Forbidden):
            finish(someone, task_id)
        return
    assert finish(someone, task_id)["result"]["task"]["done_at"]
    assert "done_at" not in finish(someone, task_id, done=False)["result"]["task"]


def test_a_foreign_task_cannot_be_finished(team: Team) -> None:
    done(team, "create_task", contact_id=str(team.ana.pk), title="One")
    gil = factories.person(factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN))

    for task_id in (str(Task.objects.get().pk), "task_nonsense"):
        with pytest.raises(NotFound):
            finish(gil, task_id)
    assert Task.objects.get().done_at is None


def test_a_deleted_contacts_tasks_are_hidden_with_it(team: Team) -> None:
    done(team, "create_task", contact_id=str(team.ana.pk), title="One")
    operations.submit(
        factories.person(team.alice),
        operations.get("crm.contact.delete"),
        {"contact_id": str(team.ana.pk)},
    )

    assert operations.submit(team.reviewer, operations.get("crm.task.list"), {})["tasks"] == []


def page(membership: Membership) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(membership.user)
    return client


def test_the_page_shows_open_tasks_and_finishes_them_without_a_script(team: Team) -> None:
    facts = {"title": "Call <b>Ana</b>", "assignee": team.rex.user.email}
    done(team, "create_task", contact_id=str(team.ana.pk), **facts)
    browser = page(team.rex)
    path = f"/tasks/{Task.objects.get().pk}/done/"

    shown = browser.get("/tasks/").content.decode()
    assert "Call &lt;b&gt;Ana&lt;/b&gt;" in shown
    answer = browser.post(path, {"done": "yes", "state": "open", "whose": "mine"})

    assert answer.headers["Location"] == "/tasks/?state=open&whose=mine"
    assert "Call" not in browser.get("/tasks/").content.decode()
    assert "Reopen" in browser.get("/tasks/?state=done").content.decode()
    assert page(team.vic).post(path).status_code == 403


def test_mine_are_not_everybodys(team: Team) -> None:
    done(team, "create_task", contact_id=str(team.ana.pk), title="For whoever comes first")
    browser = page(team.mia)

    assert "For whoever" not in browser.get("/tasks/").content.decode()
    assert "For whoever" in browser.get("/tasks/?whose=all").content.decode()
    assert "Done</button>" not in page(team.vic).get("/tasks/?whose=all").content.decode()


def test_nobody_else_may_draft_or_decide(team: Team) -> None:
    viewer = factories.app(team.vic)
    about = {"contact_id": str(team.ana.pk), "title": "x"}

    with pytest.raises(AppError):
        draft_by(viewer, "create_task", **about)
