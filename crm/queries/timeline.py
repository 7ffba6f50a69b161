"""Everything that happened around a contact, in one list (layers-2)."""

import hashlib
import heapq
from datetime import datetime
from itertools import islice

from django.core import signing
from django.db.models import QuerySet
from django.db.models.functions import Left

from core.access import Scope
from core.actor import Actor
from core.answer_size import room_for
from core.errors import ValidationFailed
from core.operations import Effect, operation
from core.schemas import plain_name
from crm import timeline
from crm.models import Event, Message, Note, StageChange
from crm.queries.contacts import require_contact
from crm.queries.events import dated
from crm.queries.notes import present_notes
from crm.schemas.timeline import (
    KINDS,
    Entry,
    EventEntry,
    GetContactTimeline,
    MessageEntry,
    NoteEntry,
    StageEntry,
    Timeline,
)
from crm.timeline import Position, Source, TimelineQuery

_Shown = tuple[Position, Entry]
_DEFAULT_LIMIT = GetContactTimeline.model_fields["limit"].default
_LETTERS, _FEWEST_LETTERS = 12_000, 400
_SHOWN = 200
_MESSAGE = ("sent_at", "direction", "subject", "from_address", "thread")
_THREAD = ("thread__source", "thread__sharing", "thread__owner_id")


@operation(
    "crm.contact.timeline", schema=GetContactTimeline, scope=Scope.CONTACTS_READ, effect=Effect.READ
)
def get_contact_timeline(actor: Actor, data: GetContactTimeline) -> Timeline:
    """A page of events, messages, notes, actions and stage changes, newest first; no bots.

    Each table gives at most one page, by its index. Raises NotFound, and ValidationFailed for a
    cursor that was not made for this contact and these filters.
    """
    require_contact(actor, data.contact_id)
    last = _position(actor, data)
    asked = TimelineQuery(
        contact_id=data.contact_id,
        window=dated(actor, data),
        last=last,
        limit=data.limit + 1,
        letters=max(_FEWEST_LETTERS, _LETTERS // data.limit),
    )
    wanted = [source for source in _all_sources() if source.kind in (data.types or KINDS)]
    allowed = [source for source in wanted if actor.has_scope(source.scope)]
    merged = heapq.merge(
        *(source.read(actor, asked) for source in allowed), key=lambda one: one[0], reverse=True
    )
    found = [(place, make()) for place, make in islice(merged, data.limit + 1)]
    hidden = sorted({source.kind for source in wanted if source not in allowed})
    return _page(actor, data, found).model_copy(update={"omitted_for_scope": hidden or None})


def _page(actor: Actor, data: GetContactTimeline, found: list[_Shown]) -> Timeline:
    kept = _that_fit(data, found[: data.limit])
    cut = len(found[: data.limit]) - len(kept)
    shortened = any(getattr(entry, "truncated", None) for _, entry in kept)
    hint = "Use a smaller limit for longer texts." if shortened else None
    if cut:
        hint = "Continue with next_cursor, or use a smaller limit."
    return Timeline(
        timeline=[entry for _, entry in kept],
        next_cursor=_cursor(actor, data, kept[-1][0]) if len(found) > len(kept) else None,
        truncated=cut > 0 or None,
        omitted=cut or None,
        hint=hint,
    )


def _that_fit(data: GetContactTimeline, found: list[_Shown]) -> list[_Shown]:
    """The first ones an answer has room for, at least one."""
    room = room_for(data.limit, _DEFAULT_LIMIT)
    for number, (_, entry) in enumerate(found):
        room -= len(entry.model_dump_json(exclude_none=True))
        if room < 0 and number:
            return found[:number]
    return found


def _signer(actor: Actor, data: GetContactTimeline) -> signing.Signer:
    """Signs for this workspace, contact and filters: to any other question the cursor is false."""
    question = data.model_dump(mode="json", exclude={"cursor", "limit"})
    question["types"] = sorted(set(data.types or KINDS))
    bound = hashlib.sha256(f"{actor.workspace_id} {sorted(question.items())}".encode())
    return signing.Signer(salt=f"crm.timeline {bound.hexdigest()}")


def _cursor(actor: Actor, data: GetContactTimeline, last: Position) -> str:
    return _signer(actor, data).sign_object([last.at.isoformat(), last.rank, last.id])


def _position(actor: Actor, data: GetContactTimeline) -> Position | None:
    if data.cursor is None:
        return None
    try:
        at, rank, key = _signer(actor, data).unsign_object(data.cursor)
    except signing.BadSignature:
        raise ValidationFailed(
            "cursor does not belong to this contact with these filters.",
            hint="Pass next_cursor unchanged with the same filters, or omit it to start over.",
            field="cursor",
        ) from None
    return Position(datetime.fromisoformat(at), rank, key)


def _all_sources() -> list[Source]:
    return [*_OWN, *timeline.SOURCES]


def _events(actor: Actor, asked: TimelineQuery) -> QuerySet[Event]:
    rows = Event.objects.visible_to(actor).filter(contact=asked.contact_id, is_bot=False)
    return rows.only("event", "timestamp", "url", "title")


def _event(_: Actor, __: TimelineQuery, row: Event) -> Entry:
    return EventEntry(
        at=row.timestamp,
        event_id=str(row.pk),
        event=row.event,
        url=row.url[:_SHOWN] or None,
        title=row.title[:_SHOWN] or None,
    )


def _messages(actor: Actor, asked: TimelineQuery) -> QuerySet[Message]:
    rows = Message.objects.visible_to(actor).present().filter(thread__contact=asked.contact_id)
    rows = rows.select_related("thread").only(*_MESSAGE, *_THREAD)
    # Read no more of a body than can be shown.
    return rows.annotate(begin=Left("body", asked.letters + 1))


def _message(actor: Actor, asked: TimelineQuery, row: Message) -> Entry:
    is_open = row.thread.is_open_to(actor)
    begin: str = row.begin  # type: ignore[attr-defined] # annotated above
    text, is_cut = asked.shortened(begin) if is_open else (None, None)
    return MessageEntry(
        at=row.sent_at,
        message_id=str(row.pk),
        thread_id=str(row.thread_id),
        channel=row.thread.source,
        direction=row.direction,
        subject=row.subject[:_SHOWN] or None,
        from_address=row.from_address if is_open else None,
        text=text,
        truncated=is_cut,
        withheld=None if is_open else True,
        source="external" if row.direction == "in" else "person",
    )


def _notes(actor: Actor, asked: TimelineQuery) -> QuerySet[Note]:
    rows = present_notes(actor).filter(contact=asked.contact_id)
    rows = rows.only("created_at", "author_name", "source")
    return rows.annotate(begin=Left("content", asked.letters + 1))


def _note(_: Actor, asked: TimelineQuery, row: Note) -> Entry:
    begin: str = row.begin  # type: ignore[attr-defined] # annotated above
    text, is_cut = asked.shortened(begin)
    return NoteEntry(
        at=row.created_at,
        note_id=str(row.pk),
        author=plain_name(row.author_name),
        text=text,
        truncated=is_cut,
        source=row.source,
    )


def _stage_changes(actor: Actor, asked: TimelineQuery) -> QuerySet[StageChange]:
    rows = StageChange.objects.visible_to(actor).filter(contact=asked.contact_id)
    return rows.only("at", "before", "after", "by", "reason")


def _stage_change(_: Actor, __: TimelineQuery, row: StageChange) -> Entry:
    return StageEntry(
        at=row.at,
        stage_change_id=str(row.pk),
        before=row.before or None,
        after=row.after or None,
        by=plain_name(row.by),
        reason=row.reason or None,
    )


_OWN = (
    Source("event", Scope.CONTACTS_READ, "evt", "timestamp", _events, _event),
    Source("message", Scope.CONTACTS_READ, "msg", "sent_at", _messages, _message),
    Source("note", Scope.CONTACTS_READ, "note", "created_at", _notes, _note),
    Source("stage_change", Scope.CONTACTS_READ, "stg", "at", _stage_changes, _stage_change),
)
