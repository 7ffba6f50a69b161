"""The demo's agents: one that has worked already, one that is about to, one that is off.

They are made by the operations an admin's press would use, and their run by the real runner with
the built-in planner: no model is asked, nothing leaves the machine.
"""

from collections.abc import Mapping
from typing import Any

from accounts import actors
from accounts.models import User, Workspace
from agents.models import Agent
from agents.services import triggering
from agents.services.agents import create_agent, update_agent
from core.actor import Actor, ActorKind, Surface
from core.db import unit
from core.errors import Conflict, Forbidden
from identities.models import Identity
from jobs import execution

_ADMIN, _SENDER = "ada@acme.test", "mia.moss@acme.test"
_PRICING = "Pricing follow-up"
_AGENTS: tuple[dict[str, Any], ...] = (
    {
        "name": _PRICING,
        "playbook_template": "pricing_visitor_followup",
        "monitoring": {"max_contacts_per_run": 15},
    },
    {"name": "Data hygiene", "playbook_template": "data_hygiene"},
    {"name": "Trial rescue", "playbook_template": "trial_rescue"},
)
_ON = {_PRICING, "Data hygiene"}


def agents(place: Workspace, senders: Mapping[str, Identity]) -> int:
    """Make the agents that are missing; returns how many."""
    ada = _admin(place)
    missing = [row for row in _AGENTS if not _there(place, row["name"])]
    for facts in missing:
        sender = {"identity_id": str(senders[_SENDER].pk)}
        made = create_agent.submit(ada, {**facts, **sender})
        if facts["name"] in _ON:
            agent_id = made.resource.agent.agent_id
            update_agent.submit(ada, {"agent_id": agent_id, "enabled": True})
    return len(missing)


def first_run(place: Workspace) -> bool:
    """Let the first agent work once, so that its cards are in the queue; whether it did."""
    agent = Agent.objects.present().filter(workspace=place, name=_PRICING, enabled=True).first()
    if agent is None or agent.runs.exists():
        return False
    try:
        with unit():
            run = triggering.start(_admin(place), agent)
    except Conflict:
        return False
    return execution.run_job(str(run.job_id))


def _there(place: Workspace, name: str) -> bool:
    return Agent.objects.filter(workspace=place, name=name).exists()


def _admin(place: Workspace) -> Actor:
    user_id = User.objects.filter(email=_ADMIN).values_list("pk", flat=True).first()
    membership = actors.membership_of(user_id, str(place.pk))
    if membership is None:
        raise Forbidden(f"{_ADMIN} is no member of {place}.")
    return actors.for_membership(
        membership, kind=ActorKind.PERSON, surface=Surface.DASHBOARD, scopes=None
    )
