"""Sentences about actions: ours, from type, address and sender only (security-10)."""

from typing import Any

from django.utils.timezone import localtime

from approvals import registry
from approvals.models import Action
from approvals.vocabulary import Detail, Status
from core.schemas import plain_name

_STATES = {
    Status.PENDING: "Waiting for approval",
    Status.RUNNING: "Running",
    Status.COMPLETED: "Done",
    Status.REJECTED: "Rejected",
    Status.CANCELLED: "Stopped",
    Status.FAILED: "Failed",
}
_DETAILS = {
    Detail.DRIFTED: "Waiting again: the draft is out of date",
    Detail.OVERDUE: "Waiting again: not sent in time",
    Detail.HELD_BY_STOP: "Waiting again: the workspace was stopped",
    Detail.EXPIRED: "Expired without a decision",
    Detail.WITHDRAWN: "Withdrawn",
    Detail.SUPERSEDED: "Replaced by a newer draft",
    Detail.UNDONE: "Undone before sending",
    Detail.SUPPRESSED: "Stopped: the address is on the suppression list",
    Detail.RIGHTS_LOST: "Stopped: the requester lost the right",
    Detail.OUTCOME_UNKNOWN: "Outcome unknown: it may have been sent",
}


_WAITING = {
    Detail.WAITING_PROVIDER: "Waiting for the provider",
    Detail.WAITING_CHANNEL: "Waiting: the channel is paused or disconnected",
    Detail.WAITING_QUIET_HOURS: "Waiting for quiet hours to end",
    Detail.WAITING_DAILY_LIMIT: "Waiting: the sender's limit is reached",
    Detail.WAITING_LANE: "Waiting for another message to this person",
}


def label(action: Action) -> str:
    """The type in words: E-mail, Contact change."""
    return registry.TYPES[action.type].label


def label_of(action: Action) -> str:
    """The same, or a text for a type that no longer exists."""
    return label(action) if action.type in registry.TYPES else "Action of an unknown type"


def short_headline(action: Action) -> str:
    """The headline in a notification or an attention item."""
    return headline(action)[:200] if action.type in registry.TYPES else label_of(action)


def headline(action: Action) -> str:
    """The effect of an approval, in one line."""
    if action.rendered:
        return registry.TYPES[action.type].headline.format(target=_goes_to(action.rendered))
    preview = action.drafted_on.get("preview", {})
    count = len(preview.get("changes", []))
    fields = "1 field" if count == 1 else f"{count} fields"
    target = plain_name(preview.get("target_name") or "a record")
    return registry.TYPES[action.type].headline.format(fields=fields, target=target)


def _goes_to(message: dict[str, Any]) -> str:
    if "envelope_to" not in message:
        return plain_name(str(message["target"]))
    first, *others = message["envelope_to"]
    return f"{first} and {len(others)} more" if others else str(first)


def asked_by(action: Action) -> str:
    """The requester: the app and host of a token, or a person; never self-reported."""
    if action.client:
        return f"{plain_name(action.client['name'])} at {action.client['host']}"
    return action.requester_name


def state(action: Action) -> str:
    """The status in words."""
    if action.status == Status.COMPLETED and action.undone_at:
        return "Done, then undone"
    if action.status_detail in _WAITING and action.runs_at:
        return f"{_WAITING[Detail(action.status_detail)]}; next attempt at {hour(action.runs_at)}"
    if action.status in {Status.APPROVED, Status.AUTO_APPROVED} and action.runs_at:
        return f"Sends at {hour(action.runs_at)} unless undone"
    if action.status == Status.SCHEDULED and action.runs_at:
        return f"Sends on {localtime(action.runs_at):%d %b} at {hour(action.runs_at)}"
    if action.status_detail:
        return _DETAILS.get(Detail(action.status_detail), action.status_detail)
    return _STATES.get(Status(action.status), action.status)


def hour(moment: object) -> str:
    """A time of day for people; times on pages are UTC."""
    return f"{localtime(moment):%H:%M} UTC"  # type: ignore[arg-type]
