"""Agents' spending on models: counted in micro-USD, shown in dollars, limited per day."""

from django.conf import settings
from django.db.models import Sum

from agents.models import Target
from core import clock
from core.actor import Actor
from crm.queries.periods import zone_of

MICRO = 1_000_000


def dollars(micro_usd: int) -> float:
    """Micro-USD as dollars."""
    return micro_usd / MICRO


def spent_today(actor: Actor, agent_id: str | None = None) -> int:
    """Micro-USD spent since midnight in the workspace's zone: by one agent, or by all of them."""
    since = clock.midnight_in(zone_of(actor))
    rows = Target.objects.visible_to(actor).filter(micro_usd__gt=0, spent_at__gte=since)
    if agent_id is not None:
        rows = rows.filter(run__agent=agent_id)
    return rows.aggregate(total=Sum("micro_usd"))["total"] or 0


def left_today(actor: Actor, agent_id: str, budget_usd: float) -> int:
    """Micro-USD the agent may still spend today: its own limit and the workspace's."""
    own = int(budget_usd * MICRO) - spent_today(actor, agent_id)
    all_of_us = int(settings.AGENTS_DAILY_BUDGET_USD * MICRO) - spent_today(actor)
    return max(0, min(own, all_of_us))
