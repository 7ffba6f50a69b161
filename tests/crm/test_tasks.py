"""Tasks and escalations: drafted, approved, taken back, done; and the stage with its reason."""

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
from tests.approvals.conftest import Office, approve, decide, make_office
from tools import catalog


@pytest.fixture
def office(db: None) -> Office:
    return make_office()


def draft(office: Office, kind: str, **params: Any) -> dict[str, Any]:
    """A draft as Mia's app makes it, by create_action."""
    return draft_by(office.claude, kind, **params)


def draft_by(actor: Actor, kind: str, **params: Any) -> dict[str, Any]:
    tool = catalog.all_tools()["create_action"]
    return tool.call(actor, {"type": kind, "params": params})


def done(office: Office, kind: str, **params: Any) -> Action:
    """The same, approved by Rex."""
    action_id = draft(office, kind, **params)["action_id"]
    approve(office.reviewer, action_id)
    return Action.objects.get(pk=action_id)


def finish(actor: Actor, task_id: str, *, done: bool = True) -> dict[str, Any]:
    op = operations.get("crm.task.finish")
    return operations.submit(actor, op, {"task_id": task_id, "done": done})


def test_a_drafted_task_is_made_when_it_is_approved(office: Office) -> None:
    about = {"contact_id": str(office.ana.pk), "title": "Call Ana", "details": "About prices."}
    due = {"due_at": "2026-12-01T09:00:00+01:00", "assignee": office.rex.user.email.upper()}
    answer = draft(office, "create_task", **about, **due)
    assert answer["status"] == "queued"
    assert not Task.objects.exists()

    approve(office.reviewer, answer["action_id"])

    task = Task.objects.get()
    assert (task.title, task.source, task.assignee) == ("Call Ana", "assistant", office.rex.user)
    assert f"{task.due_at:%H:%M}" == "08:00"


def test_a_task_may_be_about_a_company(office: Office) -> None:
    company = factories.company(office.place)

    action = done(office, "create_task", company_id=str(company.pk), title="Send the contract")

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
    office: Office, params: dict[str, Any], field: str | None
) -> None:
    given = {key: str(office.ana.pk) if value == "ANA" else value for key, value in params.items()}

    with pytest.raises(ValidationFailed) as refusal:
        draft(office, "create_task", **given)

    assert refusal.value.field == field
    assert not Action.objects.exists()


def test_a_former_member_is_given_nothing(office: Office) -> None:
    Membership.objects.filter(pk=office.vic.pk).update(is_active=False)

    with pytest.raises(ValidationFailed):
        draft(
            office,
            "create_task",
            contact_id=str(office.ana.pk),
            title="x",
            assignee=office.vic.user.email,
        )


@pytest.mark.parametrize("kind", ["create_task", "escalate_to_human", "update_lifecycle_stage"])
def test_another_workspaces_contact_is_not_there(office: Office, kind: str) -> None:
    foreign = factories.contact(factories.workspace("Globex"), "gus@globex.example")
    extra = {"title": "x"} if kind == "create_task" else {"reason": "x"}
    extra |= {"stage": "mql"} if kind == "update_lifecycle_stage" else {}

    for contact_id in (str(foreign.pk), "ct_00000000000000000000000000", "nonsense"):
        with pytest.raises(NotFound):
            draft(office, kind, contact_id=contact_id, **extra)


def test_undoing_a_task_takes_it_back_until_somebody_touched_it(office: Office) -> None:
    first = done(office, "create_task", contact_id=str(office.ana.pk), title="One")
    second = done(office, "create_task", contact_id=str(office.ana.pk), title="Two")
    finish(office.reviewer, str(Task.objects.get(title="Two").pk))

    decide(office.reviewer, "undo", str(first.pk))
    with pytest.raises(Conflict):
        decide(office.reviewer, "undo", str(second.pk))

    assert [task.title for task in Task.objects.filter(deleted_at=None)] == ["Two"]
    with pytest.raises(NotFound):
        finish(office.reviewer, str(Task.objects.get(title="One").pk))


def test_only_an_undo_takes_a_task_back(office: Office) -> None:
    done(office, "create_task", contact_id=str(office.ana.pk), title="One")
    op = operations.get("crm.task.withdraw")

    with pytest.raises(Forbidden):
        operations.submit(office.reviewer, op, {"task_id": str(Task.objects.get().pk)})


def test_an_escalation_is_a_task_that_says_why(office: Office) -> None:
    done(office, "escalate_to_human", contact_id=str(office.ana.pk), reason="She is angry.")

    task = Task.objects.get()
    assert (task.title, task.details) == ("Look at this and decide", "She is angry.")
    assert task.contact == office.ana


def test_a_change_of_stage_keeps_its_reason_and_can_be_undone(office: Office) -> None:
    Contact.objects.filter(pk=office.ana.pk).update(lifecyclestage="lead")
    answer = {"contact_id": str(office.ana.pk), "stage": "mql", "reason": "Asked for a demo"}
    action = done(office, "update_lifecycle_stage", **answer)

    step = StageChange.objects.get()
    assert (step.before, step.after, step.reason) == ("lead", "mql", "Asked for a demo")
    assert action.previous == {"lifecyclestage": "lead"}

    decide(office.reviewer, "undo", str(action.pk))
    assert Contact.objects.get(pk=office.ana.pk).lifecyclestage == "lead"
    assert StageChange.objects.count() == 2


def test_a_first_stage_is_undone_to_none(office: Office) -> None:
    before = {"contact_id": str(office.ana.pk), "stage": None}
    assert draft(office, "update_lifecycle_stage", **before)["status"] == "noop"
    action = done(office, "update_lifecycle_stage", contact_id=str(office.ana.pk), stage="mql")

    decide(office.reviewer, "undo", str(action.pk))

    assert Contact.objects.get(pk=office.ana.pk).lifecyclestage == ""


def test_a_stage_that_does_not_exist_is_named_with_the_valid_ones(office: Office) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        draft(office, "update_lifecycle_stage", contact_id=str(office.ana.pk), stage="leed")

    assert refusal.value.field == "stage"


@pytest.mark.parametrize(
    ("role", "allowed"),
    [(Role.VIEWER, False), (Role.MEMBER, True), (Role.REVIEWER, True), (Role.ADMIN, True)],
)
def test_members_finish_tasks_and_viewers_look(office: Office, role: Role, allowed: bool) -> None:
    done(office, "create_task", contact_id=str(office.ana.pk), title="One")
    task_id = str(Task.objects.get().pk)
    someone = factories.person(factories.member(office.place, "Max", role))
    listed = operations.submit(someone, operations.get("crm.task.list"), {})
    assert [task["task_id"] for task in listed["tasks"]] == [task_id]

    if not allowed:
        with pytest.raises(Forbidden):
            finish(someone, task_id)
        return
    assert finish(someone, task_id)["result"]["task"]["done_at"]
    assert "done_at" not in finish(someone, task_id, done=False)["result"]["task"]


def test_a_foreign_task_cannot_be_finished(office: Office) -> None:
    done(office, "create_task", contact_id=str(office.ana.pk), title="One")
    gil = factories.person(factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN))

    for task_id in (str(Task.objects.get().pk), "task_nonsense"):
        with pytest.raises(NotFound):
            finish(gil, task_id)
    assert Task.objects.get().done_at is None


def test_a_deleted_contacts_tasks_are_hidden_with_it(office: Office) -> None:
    done(office, "create_task", contact_id=str(office.ana.pk), title="One")
    operations.submit(
        factories.person(office.alice),
        operations.get("crm.contact.delete"),
        {"contact_id": str(office.ana.pk)},
    )

    assert operations.submit(office.reviewer, operations.get("crm.task.list"), {})["tasks"] == []


def page(membership: Membership) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(membership.user)
    return client


def test_the_page_shows_open_tasks_and_finishes_them_without_a_script(office: Office) -> None:
    facts = {"title": "Call <b>Ana</b>", "assignee": office.rex.user.email}
    done(office, "create_task", contact_id=str(office.ana.pk), **facts)
    browser = page(office.rex)
    path = f"/tasks/{Task.objects.get().pk}/done/"

    shown = browser.get("/tasks/").content.decode()
    assert "Call &lt;b&gt;Ana&lt;/b&gt;" in shown
    answer = browser.post(path, {"done": "yes", "state": "open", "whose": "mine"})

    assert answer.headers["Location"] == "/tasks/?state=open&whose=mine"
    assert "Call" not in browser.get("/tasks/").content.decode()
    assert "Open again" in browser.get("/tasks/?state=done").content.decode()
    assert page(office.vic).post(path).status_code == 403


def test_mine_are_not_everybodys(office: Office) -> None:
    done(office, "create_task", contact_id=str(office.ana.pk), title="For whoever comes first")
    browser = page(office.mia)

    assert "For whoever" not in browser.get("/tasks/").content.decode()
    assert "For whoever" in browser.get("/tasks/?whose=all").content.decode()
    assert "Done</button>" not in page(office.vic).get("/tasks/?whose=all").content.decode()


def test_nobody_else_may_draft_or_decide(office: Office) -> None:
    viewer = factories.app(office.vic)
    about = {"contact_id": str(office.ana.pk), "title": "x"}

    with pytest.raises(AppError):
        draft_by(viewer, "create_task", **about)
