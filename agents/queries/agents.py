from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery

from agents import money, schedules
from agents.models import Agent, Run
from agents.queries.feedback import feedback_of
from agents.schemas.agents import (
    AgentAnswer,
    AgentDetail,
    AgentList,
    AgentOut,
    GetAgent,
    LastRun,
    ListAgents,
    LlmConfigOut,
    MonitoringOut,
    Playbook,
)
from core import clock
from core.access import Scope
from core.actor import Actor
from core.operations import Effect, operation
from core.schemas import plain_name
from crm import filters
from crm.queries.periods import zone_of


def names_of(workspace_id: str) -> list[tuple[str, str]]:
    """(id, words) of the workspace's agents, as the policy names them."""
    rows = Agent.objects.present().filter(workspace_id=workspace_id).order_by("name")
    return [(str(row.pk), f"the agent {plain_name(row.name)}") for row in rows]


@operation("agents.agent.list", schema=ListAgents, scope=Scope.AGENTS_READ, effect=Effect.READ)
def list_agents(actor: Actor, data: ListAgents) -> AgentList:
    """The workspace's agents, newest first."""
    given = {"enabled": data.enabled, "playbook_template": data.playbook_template}
    wanted = {name: value for name, value in given.items() if value is not None}
    rows = present_agents(actor).filter(**wanted)
    found = rows.order_by("-created_at", "-id")[data.offset : data.offset + data.limit]
    zone = zone_of(actor)
    return AgentList(
        agents=[agent_out(row, zone) for row in found],
        total=rows.count(),
        limit=data.limit,
        offset=data.offset,
    )


@operation("agents.agent.get", schema=GetAgent, scope=Scope.AGENTS_READ, effect=Effect.READ)
def get_agent(actor: Actor, data: GetAgent) -> AgentAnswer:
    """One agent with its playbook and reviewers' decisions on its proposals."""
    return AgentAnswer(agent=agent_detail(actor, present_agents(actor).one(data.agent_id, "agent")))


def present_agents(actor: Actor) -> Any:
    """The workspace's agents with their owner and latest run."""
    latest = Run.objects.filter(workspace=OuterRef("workspace"), agent=OuterRef("pk"))
    newest: QuerySet[Run] = latest.order_by("-created_at", "-id")
    return (
        Agent.objects.visible_to(actor)
        .present()
        .select_related("owner")
        .annotate(
            last_run_id=Subquery(newest.values("pk")[:1]),
            last_run_status=Subquery(newest.values("job__status")[:1]),
            last_run_at=Subquery(newest.values("created_at")[:1]),
        )
    )


def agent_out(agent: Agent, zone: ZoneInfo) -> AgentOut:
    """A row in the APIs' format; the schedule is in the workspace's zone."""
    return AgentOut(**_facts(agent, zone))


def agent_detail(actor: Actor, agent: Agent) -> AgentDetail:
    """One agent in the APIs' format."""
    agent_id = str(agent.pk)
    return AgentDetail(
        **_facts(agent, zone_of(actor)),
        playbook=Playbook(playbook_md=agent.playbook),
        contacts_matching=watched(actor, agent).count() if agent.filter else 0,
        runs=Run.objects.visible_to(actor).filter(agent=agent).count(),
        spent_today_usd=money.dollars(money.spent_today(actor, agent_id)),
        feedback=feedback_of(actor, agent_id),
    )


def watched(actor: Actor, agent: Agent) -> QuerySet[Any]:
    """The contacts its filter finds now."""
    return filters.contacts_matching(actor, filters.parse(agent.filter))


def settings_of(agent: Agent) -> dict[str, Any]:
    """Filter, schedule and provider in the format of a change's arguments."""
    return {
        "monitoring": {
            "filter": agent.filter,
            "schedule_cron": agent.schedule_cron,
            "max_contacts_per_run": agent.max_contacts_per_run,
            "cooldown": agent.cooldown_hours,
        },
        "llm_config": agent.llm_config,
    }


def setup_of(agent: Agent) -> dict[str, Any]:
    """The settings of a run, unaffected by later changes of the agent."""
    return {
        "version": agent.version,
        "playbook": agent.playbook,
        "playbook_template": agent.playbook_template,
        "capabilities": agent.capabilities,
        "identity_id": str(agent.identity_id) if agent.identity_id else None,
        **settings_of(agent),
    }


def _facts(agent: Agent, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "agent_id": str(agent.pk),
        "id": str(agent.pk),
        "name": agent.name,
        "description": agent.description or None,
        "enabled": agent.enabled,
        "switched_off_why": agent.switched_off_why or None,
        "playbook_template": agent.playbook_template or None,
        "capabilities": agent.capabilities,
        "identity_id": str(agent.identity_id) if agent.identity_id else None,
        "owner": str(agent.owner),
        "monitoring": MonitoringOut(
            filter=agent.filter,
            schedule_cron=agent.schedule_cron or None,
            max_contacts_per_run=agent.max_contacts_per_run,
            cooldown=agent.cooldown_hours,
        ),
        "llm_config": LlmConfigOut(**agent.llm_config),
        "next_run_at": _next_run(agent, zone),
        "last_run": _last_run(agent),
        "created_at": agent.created_at,
        "updated_at": agent.updated_at,
    }


def _next_run(agent: Agent, zone: ZoneInfo) -> datetime | None:
    if not agent.enabled or not agent.schedule_cron:
        return None
    return schedules.next_slot(agent.schedule_cron, zone, clock.now())


def _last_run(agent: Any) -> LastRun | None:
    if getattr(agent, "last_run_id", None) is None:
        return None
    return LastRun(
        run_id=str(agent.last_run_id), status=agent.last_run_status, created_at=agent.last_run_at
    )
