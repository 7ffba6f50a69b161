"""Schedules: each slot starts one run, even with several schedulers; missed slots start only one.

Slots during a stop, before the agent was switched on, or during its previous run are not caught up.
"""

from datetime import datetime

import structlog
from django.db import IntegrityError, transaction

from agents import schedules
from agents.models import Agent
from agents.queries.owners import acting_owner
from agents.services.disabling import switch_off
from agents.services.run_executor import OWNER_GONE
from agents.services.triggering import start
from approvals.stopping import stops
from core import clock, operations
from core.actor import Actor
from core.db import unit
from core.errors import AppError, Conflict
from crm.queries.periods import zone_of

log = structlog.get_logger(__name__)


def start_due() -> int:
    """Start a run for every agent with a slot since its last check; returns the number.

    An error of one agent is logged; the others start.
    """
    started = 0
    rows = Agent.objects.present().filter(enabled=True).exclude(schedule_cron="")
    for agent in rows.order_by("pk"):
        try:
            started += _start(agent, clock.now())
        except AppError as refusal:
            log.warning("agent.not_started", agent=str(agent.pk), code=refusal.code)
    return started


def _start(agent: Agent, moment: datetime) -> bool:
    owner = acting_owner(agent)
    if owner is None:
        with unit():
            switch_off(agent, OWNER_GONE)
        return False
    slot = _due_slot(agent, owner, moment)
    if slot is None:
        return False
    if operations.paused(owner):
        _look_from(agent, slot)
        return False
    return _started(agent, owner, slot)


def _due_slot(agent: Agent, owner: Actor, moment: datetime) -> datetime | None:
    since = agent.slots_from
    ended = stops.last_resumed_at(str(agent.workspace_id))
    if ended is not None and ended > since:
        since = ended
    return schedules.last_slot(agent.schedule_cron, zone_of(owner), since, moment)


def _started(agent: Agent, owner: Actor, slot: datetime) -> bool:
    """Whether this scheduler started it; the slot is used in any case."""
    try:
        with unit(), transaction.atomic():
            start(owner, agent, slot=slot)
            _look_from(agent, slot)
    except (Conflict, IntegrityError):  # its last run is still open, or another scheduler was first
        _look_from(agent, slot)
        return False
    return True


def _look_from(agent: Agent, slot: datetime) -> None:
    Agent.objects.filter(pk=agent.pk, slots_from__lt=slot).update(slots_from=slot)
