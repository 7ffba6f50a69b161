"""Template tags and filters for the pages of agents."""

from collections import Counter
from collections.abc import Iterable

from django import template

from agents.schemas.runs import RunOut
from approvals import registry
from approvals.drafting.evidence import Evidence
from approvals.vocabulary import REASON_CODES
from core.schemas import plain_name

register = template.Library()

_ACTIONS = {
    "scheduled": "allowed, not started",
    "pending_approval": "waits",
    "approved": "approved, not started",
    "auto_approved": "allowed, not started",
    "rejected": "rejected",
    "running": "running",
    "completed": "done",
    "failed": "failed",
    "cancelled": "stopped",
}
_VERDICTS = {
    "executed": "done",
    "queued": "waits",
    "noop": "no action",
    "refused": "refused",
    "would_execute": "would run immediately",
    "would_queue": "would need approval",
    "would_refuse": "would be refused",
}


@register.filter
def usd(amount: float) -> str:
    """Dollars: "$0.00", "$1.25", and "$0.0004" where cents would hide it."""
    return f"${amount:.2f}" if amount == 0 or amount >= 0.01 else f"${amount:.4f}"


@register.filter
def percent(rate: float | None) -> str:
    """A rate of 0 to 1 in words; empty where there is none yet."""
    return "" if rate is None else f"{rate:.0%}"


@register.filter
def begun_by(run: RunOut) -> str:
    """The origin of a run: "Started by Ada Lind"."""
    if run.trigger == "schedule":
        return "Started by its schedule"
    verb = "Tried" if run.trigger == "rehearsal" else "Started"
    return f"{verb} by {plain_name(run.requested_by or 'a former member')}"


@register.filter
def action_label(action_type: str) -> str:
    """The display name of an action type."""
    return registry.labels().get(action_type, action_type)


@register.filter
def reason_words(code: str) -> str:
    """The reviewer's chosen reason, in words."""
    return dict(REASON_CODES).get(code, code)


@register.filter
def state_words(status: str) -> str:
    """The result of a proposal: its action's status, or without an action its verdict."""
    return _ACTIONS.get(status) or _VERDICTS.get(status, status)


@register.filter
def kinds_read(read: Iterable[Evidence]) -> str:
    """Counts by kind: "12 events, 1 note"."""
    counts = Counter(fact.kind for fact in read)
    return ", ".join(f"{n} {kind}{'' if n == 1 else 's'}" for kind, n in counts.items())
