"""A workspace with an agent that follows up visits to the pricing page."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from accounts.models import Workspace
from agents.models import Agent, Run
from core import clock, operations
from core.actor import Actor
from core.operations import Request
from crm.models import Contact
from jobs import execution
from tests import factories
from tests.team import Team

VISITORS = {"event": "page_view", "where": [{"field": "path", "op": "eq", "value": "/pricing"}]}
FILTER = {**VISITORS, "count": {"op": "gte", "value": 1}, "within_days": 7}


@dataclass
class Shop(Team):
    """Its people, one sender, and contacts as a test makes them."""

    filter = FILTER

    def visitor(self, name: str = "ana", **facts: Any) -> Contact:
        """A lead who looked at prices yesterday."""
        return visitor(self.place, name, **facts)

    def agent(self, **facts: Any) -> str:
        """The id of an agent that is on, unless the facts say otherwise."""
        is_on = facts.pop("enabled", True)
        given = {
            "name": "Pricing",
            "playbook_template": "pricing_visitor_followup",
            "identity_id": str(self.mailer.pk),
            "monitoring": {"filter": FILTER},
            **facts,
        }
        made = ask(self.admin, "agents.agent.create", **given)
        agent_id: str = made["result"]["agent"]["agent_id"]
        if is_on:
            Agent.objects.filter(pk=agent_id).update(enabled=True)
        return agent_id

    def run(self, agent_id: str, **facts: Any) -> Run:
        """A run that was triggered and has ended."""
        started = ask(self.member, "agents.agent.trigger", agent_id=agent_id, **facts)
        assert execution.run_job(started["job_id"])
        return Run.objects.select_related("job").get(pk=started["run_id"])


def visitor(place: Workspace, name: str, days_ago: int = 1, **facts: Any) -> Contact:
    """A lead with a company who viewed the prices at noon `days` ago, after two other pages."""
    firm = factories.company(place, f"{name.title()}works")
    who = factories.contact(
        place,
        f"{name}@{firm.domain}",
        name=f"{name.title()} Ng",
        company=firm,
        **{"lifecyclestage": "lead", "jobtitle": "Head of Operations", **facts},
    )
    then = (clock.now() - timedelta(days=days_ago)).replace(hour=12)
    for minutes, path in enumerate(("/", "/product/planning", "/pricing")):
        at = then + timedelta(minutes=minutes)
        factories.event(who, url=f"https://acme.example{path}", path=path, timestamp=at)
    return who


def make_shop() -> Shop:
    """A workspace, its people and one sender."""
    return Shop.at(factories.workspace(), "mailer")


def ask(actor: Actor, op: str, /, request: Request | None = None, **data: Any) -> dict[str, Any]:
    """The answer of an operation."""
    return operations.submit(actor, operations.get(op), data, request)
