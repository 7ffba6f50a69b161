"""Evidence of a draft and objects read by an agent, one line each: events, notes and messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.actor import Actor
from core.schemas import plain_name
from crm.models import Event, Note
from crm.queries.conversations import present_messages


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence. `source` is person, assistant or external."""

    id: str
    kind: str
    at: datetime | None
    source: str
    summary: str


_LETTERS = 120


def named(actor: Actor, ids: Sequence[str]) -> list[Evidence]:
    """The evidence for ids of this workspace, in the given order. A message shows only the parts
    its mailbox shares with the reader.
    """
    found = {row.id: row for row in [*_events(actor, ids), *_notes(actor, ids), *_mail(actor, ids)]}
    return [found[key] for key in ids if key in found]


def _events(actor: Actor, ids: Sequence[str]) -> list[Evidence]:
    rows = Event.objects.visible_to(actor).filter(pk__in=_of_kind("evt_", ids))
    return [
        Evidence(
            str(row.pk), "event", row.timestamp, "external", plain_name(f"{row.event} {row.path}")
        )
        for row in rows
    ]


def _notes(actor: Actor, ids: Sequence[str]) -> list[Evidence]:
    rows = Note.objects.visible_to(actor).filter(pk__in=_of_kind("note_", ids))
    return [
        Evidence(str(row.pk), "note", row.created_at, row.source, plain_name(row.content, _LETTERS))
        for row in rows
    ]


def _mail(actor: Actor, ids: Sequence[str]) -> list[Evidence]:
    rows = present_messages(actor).filter(pk__in=_of_kind("msg_", ids))
    return [
        Evidence(
            str(row.pk),
            "message",
            row.sent_at,
            "external" if row.direction == "in" else "person",
            plain_name(row.subject or row.thread.subject, _LETTERS),
        )
        for row in rows.select_related("thread").defer("body")
    ]


def _of_kind(prefix: str, ids: Sequence[str]) -> list[str]:
    return [found for found in ids if found.startswith(prefix)]
