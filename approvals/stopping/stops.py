"""Whether a workspace is stopped, by whom and since when (approvals-13)."""

from datetime import datetime

from django.db.models import Max, Q, QuerySet
from django.utils.timezone import localtime

from approvals.models import Action, Stop
from approvals.models.stop import EVERYTHING
from core import clock
from core.actor import Actor
from core.errors import Paused
from core.operations import Operation


def active_stop(workspace_id: str) -> Stop | None:
    """The stop that holds there now, the operator's own before the workspace's; or None."""
    rows = list(Stop.objects.filter(place__in=_places(workspace_id), resumed_at=None))
    return min(rows, key=lambda row: row.place != EVERYTHING, default=None)


def check(actor: Actor, operation: Operation) -> None:
    """Raise Paused while a stop holds and the operation does not go on in a stopped workspace."""
    held_by = None if operation.while_stopped else active_stop(actor.workspace_id)
    if held_by is None:
        return
    raise Paused(
        sentence(held_by),
        hint="Tell the person; do not retry. Reading and rejecting still work.",
        stopped_by=held_by.stopped_by_name,
        stopped_at=clock.iso(held_by.stopped_at),
    )


def sentence(stop: Stop) -> str:
    """Who stopped it, when, and how to resume."""
    since = f"{localtime(stop.stopped_at):%H:%M} UTC on {localtime(stop.stopped_at):%-d %b}"
    if stop.place == EVERYTHING:
        return (
            f"The operator stopped this installation at {since}; nothing changes or is sent "
            "until the operator resumes it."
        )
    return (
        f"{stop.stopped_by_name} stopped this workspace at {since}; nothing changes or "
        "is sent until an admin resumes it."
    )


def said_to(actor: Actor) -> str:
    """The sentence shown in a stopped workspace; otherwise empty."""
    stop = active_stop(actor.workspace_id)
    return sentence(stop) if stop else ""


def history(actor: Actor) -> list[Stop]:
    """The latest stops that held in the workspace, newest first."""
    rows = Stop.objects.filter(place__in=_places(actor.workspace_id))
    return list(rows.order_by("-stopped_at", "-id")[:20])


def stopped_places() -> set[str]:
    """Every place where a stop holds: ids of workspaces, and EVERYTHING."""
    return set(Stop.objects.filter(resumed_at=None).values_list("place", flat=True))


def last_resumed_at(workspace_id: str) -> datetime | None:
    """When the latest stop that held there ended; None where there was none."""
    rows = Stop.objects.filter(place__in=_places(workspace_id), resumed_at__isnull=False)
    last: datetime | None = rows.aggregate(last=Max("resumed_at"))["last"]
    return last


def came_between(action: Action, since: datetime) -> bool:
    """Whether its workspace is stopped, or was since then: such an action must not begin."""
    met = Q(resumed_at=None) | Q(stopped_at__gte=since)
    return _of(action).filter(met).exists()


def _of(action: Action) -> QuerySet[Stop]:
    return Stop.objects.filter(place__in=_places(str(action.workspace_id)))


def _places(workspace_id: str) -> list[str]:
    return [workspace_id, EVERYTHING]
