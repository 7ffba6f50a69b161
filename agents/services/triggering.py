"""Starting runs: by hand, by an app, by the schedule; the job row is made in the same transaction.

No worker or broker is involved here: the answer is immediate, and the run is polled.
"""

from datetime import datetime

from agents.models import Agent, Run, Target
from agents.queries import targeting
from agents.queries.agents import setup_of
from agents.schemas.runs import RehearseAgent, Started, TriggerAgent
from core import clock
from core.access import Role, Scope
from core.actor import Actor, ActorKind
from core.errors import Conflict, ValidationFailed
from core.operations import Effect, operation
from crm.authors import name_of
from jobs.schemas.jobs import NEXT_POLL_SECONDS
from jobs.services import jobs

KIND = "agents.run"
REHEARSED = 3


@operation(
    "agents.agent.trigger",
    schema=TriggerAgent,
    scope=Scope.AGENTS_TRIGGER,
    effect=Effect.JOB,
    open_world=True,
    propose_role=Role.MEMBER,
    run_role=Role.MEMBER,
)
def trigger_agent(actor: Actor, data: TriggerAgent) -> Started:
    """Start a run; its proposals wait for approval.

    Raises Conflict with `job_id` while the agent has an open run, and where it is off and no
    contacts are named; NotFound for an unknown contact.
    """
    agent: Agent = Agent.objects.visible_to(actor).present().one(data.agent_id, "agent")
    if not agent.enabled:
        raise Conflict("This agent is disabled.", hint="An admin must enable it first.")
    if data.contact_ids is None and not agent.filter:
        raise ValidationFailed(
            "This agent watches nobody automatically.", hint="Choose contacts.", field="contact_ids"
        )
    return _started(start(actor, agent, contact_ids=data.contact_ids))


@operation(
    "agents.agent.rehearse",
    schema=RehearseAgent,
    scope=Scope.AGENTS_TRIGGER,
    effect=Effect.JOB,
    open_world=True,
    propose_role=Role.MEMBER,
    run_role=Role.MEMBER,
)
def rehearse_agent(actor: Actor, data: RehearseAgent) -> Started:
    """Try an agent out on up to three contacts, before it is switched on: nothing is proposed."""
    agent: Agent = Agent.objects.visible_to(actor).present().one(data.agent_id, "agent")
    return _started(start(actor, agent, contact_ids=data.contact_ids, rehearsal=True))


def start(
    actor: Actor,
    agent: Agent,
    *,
    contact_ids: list[str] | None = None,
    slot: datetime | None = None,
    rehearsal: bool = False,
) -> Run:
    """Queue a run, in the caller's transaction; without contacts it chooses them when it begins."""
    chosen = None if contact_ids is None else targeting.existing_contacts(actor, contact_ids)
    job = jobs.create(
        actor,
        KIND,
        str(agent.pk),
        payload={},
        message="Waiting for a worker.",
        total=None if chosen is None else len(chosen),
    )
    now = clock.now()
    run = Run.objects.create(
        workspace_id=actor.workspace_id,
        agent=agent,
        job=job,
        requested_by_id=actor.user_id,
        requested_by_name=name_of(actor),
        requester_kind=ActorKind.JOB if slot else actor.kind,
        slot=slot,
        rehearsal=rehearsal,
        setup=setup_of(agent),
        targeted_at=None if chosen is None else now,
        created_at=now,
    )
    if chosen is not None:
        add_targets(run, chosen)
    return run


def add_targets(run: Run, contact_ids: list[str]) -> None:
    """Store the run's contacts, in this order."""
    Target.objects.bulk_create(
        (
            Target(workspace_id=run.workspace_id, run=run, contact_id=contact_id, position=position)
            for position, contact_id in enumerate(contact_ids)
        ),
        batch_size=500,
    )


def _started(run: Run) -> Started:
    return Started(
        job_id=str(run.job_id),
        run_id=str(run.pk),
        status=run.job.status,
        next_poll_seconds=NEXT_POLL_SECONDS,
    )
