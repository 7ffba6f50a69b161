"""Counting events: their names, totals, uniques and series in the workspace's time zone."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Min, Q, QuerySet

from core.access import Scope
from core.actor import Actor
from core.answer_size import DEFAULT_ROOM, rows_that_fit
from core.operations import Effect, operation
from crm.models import Event, Rollup
from crm.queries.event_counts import Grouping, Key, count, parts_of
from crm.queries.events import dated, filtered
from crm.queries.periods import BUCKET, Period, begin_of, name_of, zone_of
from crm.queries.windows import Window
from crm.schemas.events import (
    EventFilter,
    EventStats,
    EventType,
    EventTypes,
    GetEventStats,
    ListEventTypes,
    SeriesPoint,
)

MAX_TYPES = 200
MAX_POINTS = 400


@operation("crm.event.types", schema=ListEventTypes, scope=Scope.EVENTS_READ, effect=Effect.READ)
def get_event_types(actor: Actor, data: ListEventTypes) -> EventTypes:
    """The names of events with their counts, most frequent first; bots are left out."""
    window = dated(actor, data)
    numbers = count(actor, window, {"is_bot": False}, Grouping(columns=("event",)))
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    shown = [(str(name), number) for (name,), number in ordered[:MAX_TYPES]]
    seen = _seen(actor, window, [name for name, _ in shown])
    types, _ = rows_that_fit(
        (
            EventType(event=name, count=number, first_seen=seen[name][0], last_seen=seen[name][1])
            for name, number in shown
        ),
        DEFAULT_ROOM,
    )
    omitted = len(ordered) - len(types)
    return EventTypes(
        event_types=types,
        truncated=omitted > 0 or None,
        omitted=omitted or None,
        hint="Narrow the time, or list events by event_type." if omitted else None,
    )


@operation("crm.event.stats", schema=GetEventStats, scope=Scope.EVENTS_READ, effect=Effect.READ)
def get_event_stats(actor: Actor, data: GetEventStats) -> EventStats:
    """How many events, of how many contacts, companies and visitors, and a series."""
    zone = zone_of(actor)
    by = Grouping(columns=("is_bot",), interval=data.interval, zone=zone)
    given = data.model_dump(exclude={"interval"}, exclude_unset=True)
    rows = filtered(actor, EventFilter.model_construct(**given, include_bots=True))
    if data.contact_id is None and data.company_id is None:
        where = {} if data.event_type is None else {"event": data.event_type}
        numbers = count(actor, dated(actor, data), where, by)
    else:
        numbers = _from_rows(rows, by)
    people = sorted((key[1], number) for key, number in numbers.items() if not key[0])
    steps = [SeriesPoint(period=name_of(at, data.interval, zone), count=n) for at, n in people]
    omitted = max(0, len(steps) - MAX_POINTS)
    return EventStats(
        total_events=sum(number for _, number in people),
        bot_events=sum(number for key, number in numbers.items() if key[0]),
        **_uniques(rows.filter(is_bot=False)),
        interval=data.interval,
        time_zone=zone.key,
        series=steps[omitted:],
        truncated=omitted > 0 or None,
        omitted=omitted or None,
        hint="Earlier steps: a longer interval, or date_before." if omitted else None,
    )


def _from_rows(rows: QuerySet[Event], by: Grouping) -> Counter[Key]:
    interval = by.interval or "day"
    groups = rows.annotate(period=Period("timestamp", interval, by.zone)).order_by()
    numbers = groups.values("is_bot", "period").annotate(number=Count("*"))
    return Counter(
        {(row["is_bot"], begin_of(row["period"], by.zone)): row["number"] for row in numbers}
    )


def _uniques(rows: QuerySet[Event]) -> dict[str, int]:
    _make_room_for_hashing()
    # SELECT DISTINCT inside and a count around it hashes; COUNT(DISTINCT) would sort all rows.
    plain = rows.order_by()
    return {
        "unique_contacts": plain.exclude(contact=None).values("contact").distinct().count(),
        "unique_companies": plain.exclude(company=None).values("company").distinct().count(),
        "unique_visitors": plain.exclude(visitor_id="").values("visitor_id").distinct().count(),
    }


def _make_room_for_hashing() -> None:
    """For this read, let PostgreSQL hash instead of fetching row by row.

    A million visitors' ids do not fit its 4 MB: it would walk an index, seconds instead of tenths.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '64MB'")


Seen = tuple[datetime | None, datetime | None]


def _seen(actor: Actor, window: Window, names: list[str]) -> dict[str, Seen]:
    """The first and last time of each name.

    The rollup says in which bucket; only the rows of those and of the uncounted stretches are read.
    """
    parts = parts_of(actor, window)
    near = parts.rows if parts.rows is not None else Q(pk__in=[])
    if parts.rollup is not None:
        buckets = Rollup.objects.visible_to(actor).filter(parts.rollup, is_bot=False)
        ends = buckets.filter(event__in=names).order_by().values("event")
        for end in ends.annotate(first=Min("bucket"), last=Max("bucket")):
            near |= _in_bucket(end["event"], end["first"]) | _in_bucket(end["event"], end["last"])
    rows = Event.objects.visible_to(actor).filter(near, event__in=names, is_bot=False)
    found = rows.order_by().values_list("event").annotate(Min("timestamp"), Max("timestamp"))
    seen: dict[str, Seen] = dict.fromkeys(names, (None, None))
    return seen | {name: (first, last) for name, first, last in found}


def _in_bucket(event: str, bucket: Any) -> Q:
    return Q(event=event, timestamp__gte=bucket, timestamp__lt=bucket + BUCKET)
