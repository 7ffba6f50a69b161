"""Small operations and tools under names of the public order, for tests of the wire alone."""

from typing import Annotated, Literal

from pydantic import Field

from core.access import Role, Scope
from core.actor import Actor
from core.errors import ValidationFailed
from core.operations import Effect, operation
from core.schemas import Answer, Arguments, Text
from jobs.models import Job
from jobs.schemas.jobs import JobId
from jobs.services import jobs
from tools.base import Tool


class Words(Arguments):
    """Something to say."""

    text: Annotated[Text, Field(max_length=2000, description="What to say")] = ""
    tone: Annotated[Literal["plain", "kind"], Field(description="How to say it")] = "plain"


class Said(Answer):
    """A message and its recipient."""

    text: str
    workspace: str


@operation("sample.echo", schema=Words, scope=Scope.CONTACTS_READ, effect=Effect.READ)
def echo(actor: Actor, data: Words) -> Said:
    """Say it back."""
    return Said(text=data.text, workspace=actor.workspace_id)


@operation("sample.crash", schema=Words, scope=Scope.CONTACTS_READ, effect=Effect.READ)
def crash(actor: Actor, data: Words) -> Said:
    """Fail with an unexpected exception."""
    raise RuntimeError("password=hunter2 for ana@example.test")


@operation("sample.events", schema=Words, scope=Scope.EVENTS_READ, effect=Effect.READ)
def read_events(actor: Actor, data: Words) -> Said:
    """Needs another scope."""
    return Said(text=data.text, workspace=actor.workspace_id)


@operation(
    "sample.admin",
    schema=Words,
    scope=Scope.CONTACTS_READ,
    effect=Effect.READ,
    propose_role=Role.ADMIN,
)
def read_as_admin(actor: Actor, data: Words) -> Said:
    """Needs another role."""
    return Said(text=data.text, workspace=actor.workspace_id)


@operation("sample.decide", schema=Words, scope=Scope.ACTIONS_READ, effect=Effect.DECIDE)
def decide(actor: Actor, data: Words) -> Said:
    """Decide, or say who may."""
    allowed = actor.has_scope(Scope.ACTIONS_APPROVE)
    return Said(text="decided" if allowed else "needs_person", workspace=actor.workspace_id)


@operation(
    "sample.change",
    schema=Words,
    scope=Scope.CONTACTS_WRITE,
    effect=Effect.CHANGE,
    gated=True,
    idempotent=True,
    propose_role=Role.MEMBER,
)
def change(actor: Actor, data: Words) -> Said:
    """Change something."""
    return Said(text=data.text, workspace=actor.workspace_id)


class Started(Answer):
    """A job was started."""

    job_id: str


@operation("sample.start", schema=Words, scope=Scope.CONTACTS_WRITE, effect=Effect.JOB)
def start(actor: Actor, data: Words) -> Started:
    """Start something long."""
    job = jobs.create(actor, "sample.long", data.text, payload={}, message="Waits.", total=3)
    return Started(job_id=str(job.pk))


class Which(Arguments):
    """Which job."""

    job_id: JobId


class Seen(Answer):
    """How far it is."""

    job_id: str
    done: int
    status: str


@operation(
    "sample.seen",
    schema=Which,
    scope=Scope.CONTACTS_READ,
    effect=Effect.READ,
    follows=lambda answer: answer["job_id"],
)
def see(actor: Actor, data: Which) -> Seen:
    """Look at a job."""
    return _seen(actor, data.job_id)


def _seen(actor: Actor, job_id: str) -> Seen:
    job = Job.objects.visible_to(actor).one(job_id, "job")
    return Seen(job_id=str(job.pk), done=job.done, status=job.status)


class Tell(Which):
    """A message to a job."""

    text: Annotated[Text, Field(max_length=2000, description="What to say")] = ""


@operation("sample.tell", schema=Tell, scope=Scope.CONTACTS_WRITE, effect=Effect.JOB)
def tell(actor: Actor, data: Tell) -> Seen:
    """Say something to a job."""
    if not data.text:
        raise ValidationFailed("text: must be there.", field="text")
    jobs.wake_job(actor.workspace_id, data.job_id, message=data.text)
    return _seen(actor, data.job_id)


def _tool(name: str, operation_name: str, **facts: object) -> Tool:
    return Tool(
        name=name,
        title=name.replace("_", " ").capitalize(),
        description=f"Stands for {operation_name}.",
        operation=operation_name,
        **facts,  # type: ignore[arg-type]
    )


ECHO, CRASH, EVENTS, ADMIN = "list_contacts", "get_contact", "list_events", "list_agents"
DECIDE, CHANGE, START = "approve_action", "update_contact", "trigger_agent"
SEE = "get_agent_run"

# In the public order of the tools whose names they have.
TOOLS = (
    _tool(ECHO, "sample.echo"),
    _tool(CRASH, "sample.crash"),
    _tool(CHANGE, "sample.change"),
    _tool(ADMIN, "sample.admin"),
    _tool(START, "sample.start"),
    _tool(SEE, "sample.seen"),
    _tool(DECIDE, "sample.decide", deciding=True),
    _tool(EVENTS, "sample.events"),
)
