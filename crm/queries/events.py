from collections.abc import Callable
from typing import Any

from django.db.models import F, Q, QuerySet

from core.access import Scope
from core.actor import Actor
from core.answer_size import room_for, rows_that_fit, shorten
from core.compiled import Compiled
from core.errors import NotFound
from core.operations import Effect, operation
from core.pagination import DEFAULT_LIMIT, SMALLER, Pagination
from crm.models import Event
from crm.queries.event_counts import total
from crm.queries.windows import Window, window_of
from crm.schemas.events import (
    LATE_AFTER,
    Dated,
    EventDetails,
    EventFilter,
    EventOut,
    EventPage,
    EventSummary,
    GetEvent,
    ListEvents,
)

_SORT_COLUMNS = {"timestamp": "timestamp", "event": "event", "createdAt": "created_at"}
_TEXTS = (
    "visitor_id",
    "session_id",
    "url",
    "domain",
    "path",
    "title",
    "referring_domain",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "browser",
    "os",
    "device_type",
    "country",
)
_FILTERS: dict[str, Callable[[Any], Q]] = {
    "event_type": lambda value: Q(event=value),
    "contact_id": lambda value: Q(contact=value, contact__deleted_at=None),
    "company_id": lambda value: Q(company=value, company__deleted_at=None),
    "domain": lambda value: Q(domain=value.lower()),
    "url_contains": lambda value: Q(url__icontains=value),
    "search": lambda value: (
        Q(event__icontains=value) | Q(url__icontains=value) | Q(title__icontains=value)
    ),
    "identified_only": lambda value: Q(contact__isnull=False) if value else Q(),
    "include_bots": lambda value: Q() if value else Q(is_bot=False),
}
# Filters the rollup supports: a list with only these is counted from it.
_IN_ROLLUP = {"date_after", "date_before", "event_type", "include_bots"}


@operation("crm.event.list", schema=ListEvents, scope=Scope.EVENTS_READ, effect=Effect.READ)
def list_events(actor: Actor, data: ListEvents) -> EventPage:
    """A page of the workspace's events, newest first by default, or their number."""
    rows = filtered(actor, data)
    number = _count(actor, data, rows)
    if data.count_only:
        return EventPage(count=number)
    sign = "-" if data.sort_dir == "desc" else ""
    order = dict.fromkeys([_SORT_COLUMNS[data.sort_by], "timestamp", "id"])
    start = (data.page - 1) * data.limit
    page = _shown(rows).order_by(*(f"{sign}{column}" for column in order))
    found = page[start : start + data.limit] if start < number else []
    summary = data.fields == "summary"
    events = [_summary(row) if summary else event_out(row) for row in found]
    return _fitting(events, data, number)


@operation("crm.event.get", schema=GetEvent, scope=Scope.EVENTS_READ, effect=Effect.READ)
def get_event(actor: Actor, data: GetEvent) -> EventDetails:
    """One event with everything that was recorded; raises NotFound."""
    found = _ONE.rows(actor.workspace_id, data.event_id)
    if not found:
        raise NotFound("event")
    return EventDetails(event=event_out(found[0], whole=True))


def dated(actor: Actor, data: Dated) -> Window:
    """The time the arguments name."""
    return window_of(actor, data.date_after, data.date_before)


def filtered(actor: Actor, data: EventFilter) -> QuerySet[Event]:
    """The events the arguments ask for, in no order."""
    rows: QuerySet[Event] = Event.objects.visible_to(actor)
    rows = rows.filter(dated(actor, data).of("timestamp"))
    for name, condition in _FILTERS.items():
        value = getattr(data, name)
        if value is not None:
            rows = rows.filter(condition(value))
    return rows


def rollup_filter(data: EventFilter) -> dict[str, Any] | None:
    """The arguments as columns of the rollup, or None if rows are needed."""
    used = {name for name in EventFilter.model_fields if getattr(data, name)}
    if used - _IN_ROLLUP:
        return None
    named = {} if data.event_type is None else {"event": data.event_type}
    return named if data.include_bots else {**named, "is_bot": False}


def event_out(event: Event, *, whole: bool = False) -> EventOut:
    """An event as the APIs show it; `whole` does not truncate texts and adds referrer and data."""
    texts: dict[str, Any] = {name: getattr(event, name) or None for name in _TEXTS}
    if whole:
        texts |= {"referrer": event.referrer or None, "data": event.data or None}
    else:
        # get_event has them whole.
        texts = {name: text and shorten(text) for name, text in texts.items()}
    return EventOut(
        event_id=str(event.pk),
        id=str(event.pk),
        event=event.event,
        timestamp=event.timestamp,
        created_at=event.created_at,
        recorded_by=event.source,
        contact_id=_unless_gone(event, "contact"),
        company_id=_unless_gone(event, "company"),
        is_bot=event.is_bot or None,
        late=event.created_at - event.timestamp > LATE_AFTER or None,
        **texts,
    )


def _summary(event: Event) -> EventSummary:
    return EventSummary(
        event_id=str(event.pk),
        event=event.event,
        timestamp=event.timestamp,
        url=shorten(event.url) or None,
        contact_id=_unless_gone(event, "contact"),
    )


def _count(actor: Actor, data: ListEvents, rows: QuerySet[Event]) -> int:
    where = rollup_filter(data)
    return rows.count() if where is None else total(actor, dated(actor, data), where)


def _shown(rows: QuerySet[Event]) -> QuerySet[Event]:
    """With annotations for a deleted contact or company."""
    return rows.annotate(
        contact_gone=F("contact__deleted_at"), company_gone=F("company__deleted_at")
    )


def _one(workspace: str, event: str) -> QuerySet[Event]:
    return _shown(Event.objects.filter(workspace_id=workspace, pk=event))


_ONE = Compiled(_one, "ws", "evt")


def _unless_gone(event: Event, noun: str) -> str | None:
    found = getattr(event, f"{noun}_id")
    return str(found) if found and getattr(event, f"{noun}_gone") is None else None


def _fitting(events: list[EventOut | EventSummary], data: ListEvents, number: int) -> EventPage:
    shown, omitted = rows_that_fit(events, room_for(data.limit, DEFAULT_LIMIT))
    return EventPage(
        events=shown,
        pagination=Pagination(
            page=data.page,
            limit=data.limit,
            total_pages=-(-number // data.limit),
            total_items=number,
        ),
        truncated=omitted > 0 or None,
        omitted=omitted or None,
        hint=SMALLER if omitted else None,
    )
