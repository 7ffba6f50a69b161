"""Taint: whether a draft's app recently read external text (security-8)."""

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
    """When the app last received external text and in which objects; None after an hour.

    For an agent's run: the objects it read for the draft.
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
    """Whether the app received external text within the hour."""
    return taint_of(actor) is not None


def source_of(action: Action) -> Literal["person", "assistant", "external"]:
    """The source of a draft's text; external if it is tainted."""
    if action.requester_kind == ActorKind.PERSON:
        return "person"
    return "external" if action.drafted_on.get("taint") else "assistant"


def words(taint: dict[str, Any] | None) -> str:
    """The objects by id."""
    return _listed(taint["objects"] if taint else [])


def _listed(names: list[str]) -> str:
    more = len(names) - _OBJECTS_NAMED
    named = ", ".join(names[:_OBJECTS_NAMED])
    return f"{named} and {more} more" if more > 0 else named


def said_of(actor: Actor, action: Action) -> str:
    """The card's notice about a tainted draft, in our words; otherwise empty."""
    taint = action.drafted_on.get("taint")
    if not taint:
        return ""
    who = "agent" if action.requester_kind == ActorKind.AGENT else "app"
    return f"Its {who} had just read external text: {_told(actor, taint['objects'])}."


def _told(actor: Actor, ids: list[str]) -> str:
    """The kinds and days of the objects, without any external text."""
    days = {row.id: row.at for row in evidence.named(actor, ids)}
    kinds = [_KINDS.get(found.partition("_")[0], "something") for found in ids]
    told = [
        f"{kind} of {localtime(day):%-d %b}" if (day := days.get(found)) else kind
        for found, kind in zip(ids, kinds, strict=True)
    ]
    return _listed(list(dict.fromkeys(told)))
