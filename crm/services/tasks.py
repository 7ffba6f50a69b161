"""Tasks for people, drafted as an action or created by an escalation."""

from typing import Any

from django.db.models import F

from accounts import actors
from accounts.models import User
from core import clock
from core.access import Role, Scope
from core.actor import Actor
from core.errors import Conflict, ValidationFailed
from core.operations import Effect, operation
from core.outcomes import Effected, FieldPreview, Inverse, Preview
from core.schemas import as_json
from crm import records
from crm.authors import source_of
from crm.models import Task
from crm.queries.companies import present_record
from crm.queries.contacts import present_contact
from crm.queries.tasks import present_task, task_out
from crm.schemas.tasks import DraftTask, EscalateToHuman, FinishTask, WithdrawTask

ESCALATED = "Needs your decision"


def preview_draft(actor: Actor, data: DraftTask) -> Preview:
    """The task as it would be."""
    due = f"{data.due_at:%Y-%m-%d %H:%M} UTC" if data.due_at else ""
    return _preview(
        present_record(actor, data.contact_id, data.company_id),
        ("title", "Task", data.title),
        ("details", "Details", data.details),
        ("due_at", "Due", due),
        ("assignee", "Assigned to", _email_of(_member(actor, data.assignee))),
    )


@operation(
    "crm.task.create",
    schema=DraftTask,
    scope=Scope.ACTIONS_WRITE,
    effect=Effect.ADD,
    gated=True,
    propose_role=Role.MEMBER,
    run_role=Role.MEMBER,
    preview=preview_draft,
)
def create_task(actor: Actor, data: DraftTask) -> Effected:
    """Add a task about a contact or a company."""
    facts = {"title": data.title, "details": data.details, "due_at": data.due_at}
    return _added(
        actor,
        present_record(actor, data.contact_id, data.company_id),
        _member(actor, data.assignee),
        facts,
    )


def preview_escalation(actor: Actor, data: EscalateToHuman) -> Preview:
    """The task a person would get."""
    return _preview(
        present_contact(actor, data.contact_id),
        ("details", "Reason", data.reason),
        ("assignee", "Assigned to", _email_of(_member(actor, data.assignee))),
    )


@operation(
    "crm.contact.escalate",
    schema=EscalateToHuman,
    scope=Scope.ACTIONS_WRITE,
    effect=Effect.ADD,
    gated=True,
    propose_role=Role.MEMBER,
    run_role=Role.MEMBER,
    preview=preview_escalation,
)
def escalate_to_human(actor: Actor, data: EscalateToHuman) -> Effected:
    """Ask a person to look at a contact: a task that says why."""
    contact = present_contact(actor, data.contact_id)
    facts = {"title": ESCALATED, "details": data.reason}
    return _added(actor, contact, _member(actor, data.assignee), facts)


def preview_withdrawal(actor: Actor, data: WithdrawTask) -> Preview:
    """The task that would go."""
    task = present_task(actor, data.task_id)
    gone = FieldPreview(field="title", label="Task", now=task.title, will_be="")
    return Preview(
        noun="task",
        target_id=str(task.pk),
        target_name=records.address_of(task.contact or task.company),
        version=task.version,
        changes=[gone],
    )


@operation(
    "crm.task.withdraw",
    schema=WithdrawTask,
    scope=Scope.ACTIONS_WRITE,
    effect=Effect.CHANGE,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
    preview=preview_withdrawal,
)
def withdraw_task(actor: Actor, data: WithdrawTask) -> Effected:
    """Withdraw an unchanged task; called by an undo only."""
    task = present_task(actor, data.task_id)
    _change(task, deleted_at=clock.now())
    return Effected(resource={"task": {"task_id": str(task.pk), "deleted": True}})


@operation(
    "crm.task.finish",
    schema=FinishTask,
    scope=Scope.CONTACTS_WRITE,
    effect=Effect.CHANGE,
    idempotent=True,
    propose_role=Role.MEMBER,
    run_role=Role.MEMBER,
)
def finish_task(actor: Actor, data: FinishTask) -> Effected:
    """Mark a task as done, or open again; no change if it already is."""
    task = present_task(actor, data.task_id)
    if (task.done_at is not None) != data.done:
        _change(task, done_at=clock.now() if data.done else None)
    return Effected(resource={"task": as_json(task_out(task))})


def _added(
    actor: Actor, holder: records.Record, assignee: User | None, facts: dict[str, Any]
) -> Effected:
    moment = clock.now()
    task = Task.objects.create(
        workspace_id=holder.workspace_id,
        **records.column_of(holder),
        assignee=assignee,
        source=source_of(actor),
        created_at=moment,
        updated_at=moment,
        **facts,
    )
    return Effected(
        resource={"task": as_json(task_out(task))},
        inverse=Inverse(
            operation="crm.task.withdraw", arguments={"task_id": str(task.pk)}, version=task.version
        ),
    )


def _change(task: Task, **values: Any) -> None:
    """Change a task by compare-and-set on the version read."""
    same = Task.objects.filter(pk=task.pk, version=task.version)
    if not same.update(version=F("version") + 1, updated_at=clock.now(), **values):
        raise Conflict("The task was changed at the same time.", hint="Read it and try again.")
    task.refresh_from_db()


def _member(actor: Actor, address: str | None) -> User | None:
    """The active member with this address; raises ValidationFailed when there is none."""
    if not address:
        return None
    user = User.objects.filter(email__iexact=address).first()
    member = actors.membership_of(str(user.pk), actor.workspace_id) if user else None
    if member is None:
        raise ValidationFailed(
            "No active member of this workspace has this address.",
            hint="Omit assignee, or use a member's login address.",
            field="assignee",
        )
    return member.user


def _email_of(user: User | None) -> str:
    return user.email if user else ""


def _preview(holder: records.Record, *fields: tuple[str, str, str]) -> Preview:
    return Preview(
        noun="task",
        target_id=None,
        target_name=records.address_of(holder),
        changes=[
            FieldPreview(field=field, label=label, now="", will_be=value)
            for field, label, value in fields
            if value
        ],
    )
