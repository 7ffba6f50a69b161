from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from core import clock
from core.access import Scope
from core.actor import Actor
from core.operations import Effect, operation
from core.pagination import page_of
from core.schemas import plain_name
from crm.models import Task
from crm.models.task import TaskQuerySet
from crm.schemas.tasks import ListTasks, TaskOut, TaskPage

PAGE_ROWS = 100


@operation("crm.task.list", schema=ListTasks, scope=Scope.CONTACTS_READ, effect=Effect.READ)
def list_tasks(actor: Actor, data: ListTasks) -> TaskPage:
    """A page of tasks."""
    rows = _in_order(actor, state=data.state, mine=data.mine)
    found, pagination = page_of(rows.select_related("assignee"), data)
    return TaskPage(tasks=[task_out(task) for task in found], pagination=pagination)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as its page shows it; texts are plain, the page escapes them."""

    task_id: str
    title: str
    details: str
    about: str
    assignee: str
    by_assistant: bool
    due_at: datetime | None
    done_at: datetime | None
    is_late: bool


def rows(actor: Actor, *, state: str, mine: bool) -> list[TaskRow]:
    """The first tasks of a list, for the page."""
    found = _in_order(actor, state=state, mine=mine)
    related = found.select_related("assignee", "contact", "company")
    return [_row(task) for task in related[:PAGE_ROWS]]


def open_count(actor: Actor, *, mine: bool) -> int:
    """How many tasks are open."""
    return _in_order(actor, state="open", mine=mine).count()


def present_task(actor: Actor, task_id: str) -> Task:
    """One existing task; raises NotFound."""
    return Task.objects.visible_to(actor).present().one(task_id, "task")


def task_out(task: Task) -> TaskOut:
    """A task as the APIs show it."""
    return TaskOut(
        task_id=str(task.pk),
        title=task.title,
        details=task.details or None,
        source=task.source,
        contact_id=str(task.contact_id) if task.contact_id else None,
        company_id=str(task.company_id) if task.company_id else None,
        assignee=task.assignee.email if task.assignee else None,
        due_at=task.due_at,
        done_at=task.done_at,
        created_at=task.created_at,
    )


def _in_order(actor: Actor, *, state: str, mine: bool) -> TaskQuerySet:
    found = Task.objects.visible_to(actor).present().filter(done_at__isnull=state != "done")
    if mine:
        found = found.filter(assignee=actor.user_id)
    if state == "done":
        return found.order_by("-done_at", "-id")
    return found.order_by(F("due_at").asc(nulls_last=True), "id")


def _row(task: Task) -> TaskRow:
    about = task.contact or task.company
    return TaskRow(
        task_id=str(task.pk),
        title=task.title,
        details=task.details,
        about=plain_name(str(about)) if about else "",
        assignee=str(task.assignee) if task.assignee else "",
        by_assistant=task.source != "person",
        due_at=task.due_at,
        done_at=task.done_at,
        is_late=task.done_at is None and task.due_at is not None and task.due_at < clock.now(),
    )
