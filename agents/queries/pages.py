from dataclasses import dataclass
from typing import Any

from agents import capabilities, schedules
from agents.models import Agent, Run
from agents.planning.catalog import TEMPLATES
from agents.queries.agents import agent_detail, agent_out, present_agents
from agents.queries.feedback import Tally, by_agent
from agents.queries.runs import all_runs, facts_of
from agents.queries.trials import Trial, latest_trial
from agents.schemas.agents import AgentDetail, AgentOut
from agents.schemas.runs import RunOut
from approvals.models import Action
from approvals.vocabulary import Status
from core.actor import Actor
from core.pagination import PageArguments, Pagination, page_of
from crm.filters import builder_views
from crm.queries.periods import zone_of
from identities.models import Identity
from identities.providers.rendering import html_of
from identities.queries.identities import senders

RUNS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent in the list."""

    agent: AgentOut
    proposes: list[str]
    schedule: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class AgentPage:
    """An agent on its page. `watches` and `schedule` are in words, empty where there is none;
    `changes` are the ids of waiting changes of it; `open_run_id` is the run at work.
    """

    agent: AgentDetail
    playbook_html: str
    watches: str
    schedule: str
    zone: str
    proposes: list[str]
    sender: str
    template_title: str
    trial: Trial | None
    changes: list[str]
    open_run_id: str
    runs: list[RunOut]
    pagination: Pagination


@dataclass(frozen=True, slots=True)
class TemplateShown:
    slug: str
    title: str
    description: str
    playbook_html: str
    proposes: list[str]
    schedule: str


def agent_rows(actor: Actor) -> list[AgentRow]:
    """Every agent by name; a workspace has at most a hundred."""
    tallies, zone = by_agent(actor), zone_of(actor)
    return [
        AgentRow(
            agent=agent_out(row, zone),
            proposes=_proposes(row),
            schedule=_schedule(row),
            tally=tallies.get(str(row.pk), Tally()),
        )
        for row in present_agents(actor).order_by("name", "id")
    ]


def agent_page(actor: Actor, agent_id: str, page: PageArguments) -> AgentPage:
    """One agent with a page of its runs; raises NotFound."""
    agent: Agent = present_agents(actor).select_related("identity").one(agent_id, "agent")
    runs = all_runs(actor).filter(agent=agent).order_by("-created_at", "-id")
    found, pagination = page_of(runs, page)
    template = TEMPLATES.get(agent.playbook_template)
    return AgentPage(
        agent=agent_detail(actor, agent),
        playbook_html=html_of(agent.playbook),
        watches=builder_views.words_of(actor, agent.filter) if agent.filter else "",
        schedule=_schedule(agent),
        zone=str(zone_of(actor)),
        proposes=_proposes(agent),
        sender=str(agent.identity or ""),
        template_title=template.title if template else "",
        trial=latest_trial(actor, agent),
        changes=_waiting_changes(actor, agent_id),
        open_run_id=_open_run(actor, agent),
        runs=[RunOut(**facts_of(run)) for run in found],
        pagination=pagination,
    )


def detail(actor: Actor, agent_id: str) -> AgentDetail:
    """One agent in the APIs' format; raises NotFound."""
    return agent_detail(actor, present_agents(actor).one(agent_id, "agent"))


def trial_of(actor: Actor, agent_id: str) -> Trial | None:
    """The latest rehearsal of the agent; raises NotFound."""
    return latest_trial(actor, present_agents(actor).one(agent_id, "agent"))


def templates_shown() -> list[TemplateShown]:
    """The templates for a new agent."""
    return [
        TemplateShown(
            slug=template.slug,
            title=template.title,
            description=template.description,
            playbook_html=html_of(template.playbook),
            proposes=_labels(capabilities.words_for(template.capabilities)),
            schedule=schedules.words_of(template.schedule),
        )
        for template in TEMPLATES.values()
    ]


def senders_offered(actor: Actor) -> list[Identity]:
    """The senders an agent may write for."""
    return list(senders(actor).active().order_by("created_at", "id"))


def _proposes(agent: Agent) -> list[str]:
    return _labels(agent.capabilities)


def _labels(words: list[str]) -> list[str]:
    return [capabilities.LABELS[word] for word in words]


def _schedule(agent: Agent) -> str:
    return schedules.words_of(agent.schedule_cron) if agent.schedule_cron else ""


def _waiting_changes(actor: Actor, agent_id: str) -> list[str]:
    rows: Any = Action.objects.visible_to(actor).filter(
        type="update_agent", status=Status.PENDING, params__agent_id=agent_id
    )
    return [str(pk) for pk in rows.order_by("id").values_list("pk", flat=True)]


def _open_run(actor: Actor, agent: Agent) -> str:
    found = Run.objects.visible_to(actor).filter(agent=agent).open().first()
    return str(found.pk) if found else ""
