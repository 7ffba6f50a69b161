"""Whether somebody outside may speak through a draft: its app read his text lately (security-8)."""

from datetime import timedelta
from typing import Any, Literal

from django.utils.timezone import localtime

from approvals.drafting import evidence
from approvals.models import Action, ExternalRead
from core import clock
from core.actor import Actor, ActorKind

LASTS = timedelta(minutes=60)
_OBJECTS_NAMED = 5
_KINDS = {
    "ct": "a contact",
    "co": "a company",
    "evt": "an event",
    "note": "a note",
    "msg": "a message",
    "thr": "a conversation",
}


def taint_of(actor: Actor) -> dict[str, Any] | None:
    """When the app last received text from outside and of which objects; None after an hour.

    An agent's run says itself what it read for the draft.
    """
    if actor.read_outside:
        return {"at": clock.iso(clock.now()), "objects": list(actor.read_outside)}
    client = actor.client
    if client is None:
        return None
    row = ExternalRead.objects.filter(
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
    return _listed(taint["objects"] if taint else [])


def _listed(names: list[str]) -> str:
    more = len(names) - _OBJECTS_NAMED
    named = ", ".join(names[:_OBJECTS_NAMED])
    return f"{named} and {more} more" if more > 0 else named


def said_of(actor: Actor, action: Action) -> str:
    """What the card says of a tainted draft, in words of ours; nothing of another one."""
    taint = action.drafted_on.get("taint")
    if not taint:
        return ""
    who = "agent" if action.requester_kind == ActorKind.AGENT else "app"
    return f"Its {who} had just read external text: {_told(actor, taint['objects'])}."


def _told(actor: Actor, ids: list[str]) -> str:
    """What kind the objects are and of which day: whoever wrote them names nothing here."""
    days = {row.id: row.at for row in evidence.named(actor, ids)}
    kinds = [_KINDS.get(found.partition("_")[0], "something") for found in ids]
    told = [
        f"{kind} of {localtime(day):%-d %b}" if (day := days.get(found)) else kind
        for found, kind in zip(ids, kinds, strict=True)
    ]
    return _listed(list(dict.fromkeys(told)))
