"""Creating, changing, copying and deleting agents.

Only an admin's approval changes an agent (agents-5); the change is high risk. A new one is off, so
creating it has no effect yet. An agent acts for its owner: its creator, or an admin who changed it
after the owner had left.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import actors
from agents.models import Agent
from agents.queries.agents import agent_detail, present_agents, settings_of
from agents.schemas.agents import AgentAnswer, CreateAgent, DeleteAgent, DuplicateAgent, UpdateAgent
from agents.services import configuration
from core import clock
from core.access import Role, Scope
from core.actor import Actor
from core.errors import Conflict
from core.operations import Effect, operation
from core.outcomes import Effected, Inverse, Preview
from core.schemas import as_json, plain_name

MAX_AGENTS = 100


@operation(
    "agents.agent.create",
    schema=CreateAgent,
    scope=Scope.AGENTS_WRITE,
    effect=Effect.ADD,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
)
def create_agent(actor: Actor, data: CreateAgent) -> Effected[AgentAnswer]:
    """Create an agent, off; omitted fields come from its template.

    Raises Conflict for a taken name, ValidationFailed for inconsistent settings.
    """
    if Agent.objects.visible_to(actor).present().count() >= MAX_AGENTS:
        raise Conflict(
            f"A workspace can have at most {MAX_AGENTS} agents.", hint="Delete one first."
        )
    now = clock.now()
    agent = Agent(
        workspace_id=actor.workspace_id,
        owner_id=actor.user_id,
        name=data.name,
        llm_config=dict(configuration.BUILTIN),
        slots_from=now,
        created_at=now,
        updated_at=now,
    )
    configuration.begin_with_template(agent, data.playbook_template)
    for column, value in configuration.wanted_columns(agent, data).items():
        setattr(agent, column, value)
    configuration.validate(actor, agent)
    with _named(agent.name):
        agent.save(force_insert=True)
    return _answer(actor, str(agent.pk))


def preview_update(actor: Actor, data: UpdateAgent) -> Preview:
    """The changes to the agent."""
    agent = present_agents(actor).one(data.agent_id, "agent")
    wanted = configuration.differences(agent, data)
    configuration.validate(actor, configuration.with_values(agent, wanted))
    return Preview(
        noun="agent",
        target_id=str(agent.pk),
        target_name=plain_name(agent.name),
        version=agent.version,
        changes=configuration.previews(actor, agent, wanted),
    )


@operation(
    "agents.agent.update",
    schema=UpdateAgent,
    scope=Scope.AGENTS_WRITE,
    effect=Effect.CHANGE,
    gated=True,
    idempotent=True,
    propose_role=Role.MEMBER,
    run_role=Role.ADMIN,
    sensitive=lambda _: ["changes an agent"],
    preview=preview_update,
)
def update_agent(actor: Actor, data: UpdateAgent) -> Effected:
    """Change an agent; omitted fields stay unchanged. Its next run uses the changes.

    Raises Conflict for a taken name or a concurrent change, ValidationFailed for inconsistent
    settings.
    """
    agent = present_agents(actor).one(data.agent_id, "agent")
    wanted = configuration.differences(agent, data)
    if not wanted:
        return Effected(resource=as_json(_answer(actor, str(agent.pk)).resource))
    configuration.validate(actor, configuration.with_values(agent, wanted))
    before = _way_back(agent, wanted)
    same = Agent.objects.visible_to(actor).present().filter(pk=agent.pk, version=agent.version)
    with _named(str(wanted.get("name", agent.name))):
        changed = same.update(
            version=F("version") + 1, updated_at=clock.now(), **wanted, **_switch(agent, wanted)
        )
    if not changed:
        raise Conflict("The agent was changed at the same time.", hint="Read it and try again.")
    _take_over(actor, agent)
    inverse = Inverse(operation="agents.agent.update", arguments=before)
    now = as_json(_answer(actor, str(agent.pk)).resource)
    return Effected(resource=now, previous=before, inverse=inverse)


@operation(
    "agents.agent.duplicate",
    schema=DuplicateAgent,
    scope=Scope.AGENTS_WRITE,
    effect=Effect.ADD,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
)
def duplicate_agent(actor: Actor, data: DuplicateAgent) -> Effected[AgentAnswer]:
    """Copy an agent under a free name; the copy is off."""
    agent: Agent = Agent.objects.visible_to(actor).present().one(data.agent_id, "agent")
    names = set(Agent.objects.visible_to(actor).present().values_list("name", flat=True))
    copies = (f"{agent.name[:70]} ({number})" for number in range(2, MAX_AGENTS + 2))
    facts = {
        "name": next(name for name in copies if name not in names),
        "description": agent.description,
        "playbook": {"playbook_md": agent.playbook},
        "playbook_template": agent.playbook_template or None,
        "capabilities": agent.capabilities,
        "identity_id": str(agent.identity_id) if agent.identity_id else None,
    }
    copy = CreateAgent.model_validate(facts | settings_of(agent))
    return create_agent.perform(actor, copy)


@operation(
    "agents.agent.delete",
    schema=DeleteAgent,
    scope=Scope.AGENTS_WRITE,
    effect=Effect.DELETE,
    idempotent=True,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
)
def delete_agent(actor: Actor, data: DeleteAgent) -> Effected:
    """Delete an agent; its runs and proposals stay."""
    agent: Agent = Agent.objects.visible_to(actor).present().one(data.agent_id, "agent")
    Agent.objects.visible_to(actor).filter(pk=agent.pk).update(
        enabled=False, deleted_at=clock.now(), version=F("version") + 1
    )
    return Effected(resource={"agent": {"agent_id": data.agent_id, "deleted": True}})


def _switch(agent: Agent, wanted: dict[str, Any]) -> dict[str, Any]:
    """Side effects of switching on or a new schedule: earlier slots are not caught up."""
    changes: dict[str, Any] = {}
    if wanted.get("enabled") or "schedule_cron" in wanted:
        changes["slots_from"] = clock.now()
    if "enabled" in wanted:
        changes["switched_off_why"] = ""
    return changes


def _take_over(actor: Actor, agent: Agent) -> None:
    """An admin who changes an agent becomes its owner if the owner is no longer an admin."""
    owner = actors.membership_of(str(agent.owner_id), str(agent.workspace_id))
    is_fit = owner is not None and Role(owner.role).includes(Role.ADMIN)
    if not is_fit and actor.user_id and actor.has_role(Role.ADMIN):
        Agent.objects.visible_to(actor).filter(pk=agent.pk).update(owner_id=actor.user_id)


def _way_back(agent: Agent, wanted: dict[str, Any]) -> dict[str, Any]:
    """The arguments that restore the previous values."""
    before: dict[str, Any] = {"agent_id": str(agent.pk)}
    kept = settings_of(agent)
    for column in wanted:
        if column in {"filter", "schedule_cron", "max_contacts_per_run", "cooldown_hours"}:
            name = "cooldown" if column == "cooldown_hours" else column
            before.setdefault("monitoring", {})[name] = kept["monitoring"][name]
        elif column == "playbook":
            before["playbook"] = {"playbook_md": agent.playbook}
        elif column == "playbook_template":
            before[column] = agent.playbook_template or None
        else:
            before[column] = configuration.argument_value(agent, column)
    return before


@contextmanager
def _named(name: str) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise Conflict(
            "Another agent already has this name.", hint="Choose another name.", field="name"
        ) from None


def _answer(actor: Actor, agent_id: str) -> Effected[AgentAnswer]:
    row = present_agents(actor).one(agent_id, "agent")
    return Effected[AgentAnswer](resource=AgentAnswer(agent=agent_detail(actor, row)))
