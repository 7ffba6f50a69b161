"""Whether somebody outside may speak through a draft: its app read his text lately (rules 6)."""

from datetime import timedelta
from typing import Any, Literal

from approvals.models import Action, Reading
from core import clock
from core.actor import Actor, ActorKind

LASTS = timedelta(minutes=60)
_OBJECTS_NAMED = 5


def taint_of(actor: Actor) -> dict[str, Any] | None:
    """When the app last received text from outside and of which objects; None after an hour.

    An agent's run says itself what it read for the draft.
    """
    if actor.read_outside:
        return {"at": clock.iso(clock.now()), "objects": list(actor.read_outside)}
    client = actor.client
    if client is None:
        return None
    row = Reading.objects.filter(
        workspace_id=actor.workspace_id,
        connection_id=client.connection_id,
        at__gt=clock.now() - LASTS,
    ).first()
    return {"at": clock.iso(row.at), "objects": row.objects_read} if row else None


def is_tainted(actor: Actor) -> bool:
    """Whether the app received text from outside within the hour."""
    return taint_of(actor) is not None


def source_of(action: Action) -> Literal["person", "assistant", "external"]:
    """Whose words a draft is made of; those of a tainted one may be a stranger's."""
    if action.requester_kind == ActorKind.PERSON:
        return "person"
    return "external" if action.drafted_on.get("taint") else "assistant"


def words(taint: dict[str, Any] | None) -> str:
    """The objects by their ids, or nothing."""
    objects = taint["objects"] if taint else []
    more = len(objects) - _OBJECTS_NAMED
    named = ", ".join(objects[:_OBJECTS_NAMED])
    return f"{named} and {more} more" if more > 0 else named


def said_of(action: Action) -> str:
    """What the card says of a tainted draft; nothing of another one."""
    named = words(action.drafted_on.get("taint"))
    who = "agent" if action.requester_kind == ActorKind.AGENT else "app"
    return f"Its {who} had just read text written outside: {named}." if named else ""
