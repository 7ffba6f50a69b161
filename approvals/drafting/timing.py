"""Deadlines for deciding and sending (approvals-7, approvals-8)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from approvals import registry
from approvals.drafting import last_contact, open_hours
from approvals.models import Action
from approvals.policy import versions
from approvals.vocabulary import Status
from core import clock
from core.operations import Effect, Operation
from identities import send_counters
from identities.models import Identity

SATURDAY = 5
RECORD_CHANGE_DAYS = 30
SEND_WORKING_DAYS = 5
ANSWER = timedelta(hours=48)
SEND_BY = timedelta(hours=24)
UNDO_MARGIN_SECONDS = 3


def decide_by(
    op: Operation, drafted_at: datetime, workspace_id: str, *, answers_live: bool = False
) -> datetime:
    """Until when a draft waits for a person: 30 days, for messages 5 working days in the
    workspace's zone, for a reply in a live conversation 48 hours.
    """
    if answers_live:
        return drafted_at + ANSWER
    if op.effect is Effect.SEND:
        zone = versions.zone_of(workspace_id)
        local = _working_days_after(drafted_at.astimezone(zone), SEND_WORKING_DAYS)
        return local.astimezone(UTC)
    return drafted_at + timedelta(days=RECORD_CHANGE_DAYS)


def decide_again_by(action: Action) -> datetime | None:
    """The deadline of an action that waits (again); one decided in time gets a new one."""
    if action.status == Status.PENDING:
        return action.expires_at
    place, moment = str(action.workspace_id), clock.now()
    live = last_contact.is_live(place, action.params.get("thread_id"), moment)
    op = registry.TYPES[action.type].declared
    fresh = decide_by(op, moment, place, answers_live=live)
    return max(fresh, action.expires_at or fresh)


def undecided(action: Action) -> dict[str, Any]:
    """The columns of an action that waits for a person again: no approval, time or worker."""
    gone = ("decided_by", "decided_at", "decision", "runs_at", "undo_until", "send_by", "lane")
    return {
        **dict.fromkeys(gone),
        "lease_owner": "",
        "lease_until": None,
        "expires_at": decide_again_by(action),
    }


def send_by(
    decided_at: datetime, scheduled_time: datetime | None, identity: Identity | None
) -> datetime:
    """The last moment an approved message may begin: 24 open hours of its sender after decision or
    scheduled time.
    """
    begins = max(decided_at, scheduled_time or decided_at)
    if identity is None:
        return begins + SEND_BY
    return open_hours.open_after(identity, send_counters.zone_of(identity), begins, SEND_BY)


def shown_window(hold_seconds: int) -> int:
    """The undo time shown to people: shorter than the hold, to allow a last-second click."""
    return max(hold_seconds - UNDO_MARGIN_SECONDS, 0)


def _working_days_after(moment: datetime, days: int) -> datetime:
    while days > 0:
        moment += timedelta(days=1)
        days -= moment.weekday() < SATURDAY
    return moment
