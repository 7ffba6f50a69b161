"""Counts events: from the rollup where it is current, else from rows (data-6).

A bucket that received an event since it was last computed is dirty; it is counted from rows, as are
the ends of a window between quarter hours. The dirty buckets are read first: one that is recomputed
in the meantime is still counted from rows, once.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum

from core.actor import Actor
from crm.models import DirtyBucket, Event, Rollup
from crm.queries.periods import BUCKET, Interval, Period, begin_of, bucket_of
from crm.queries.windows import Window

Span = tuple[datetime, datetime]
Key = tuple[Any, ...]

_UTC = ZoneInfo("UTC")
# More stretches than this are dearer to collect than all rows of the window.
MAX_STRETCHES = 60


@dataclass(frozen=True, slots=True)
class Grouping:
    """The group-by: columns of the rollup (event, is_bot), and an optional period."""

    columns: tuple[str, ...] = ()
    interval: Interval | None = None
    zone: ZoneInfo = _UTC


@dataclass(frozen=True, slots=True)
class Parts:
    """A window in two parts: buckets counted from the rollup, and parts counted from rows."""

    rollup: Q | None
    rows: Q | None


def count(actor: Actor, window: Window, where: dict[str, Any], by: Grouping) -> Counter[Key]:
    """How many events there are, by group: the columns' values, then the period's beginning.

    `where` names values of event and is_bot.
    """
    parts = parts_of(actor, window)
    found: Counter[Key] = Counter()
    if parts.rollup is not None:
        buckets = Rollup.objects.visible_to(actor).filter(parts.rollup, **where)
        _add(found, _grouped(buckets, "bucket", by).annotate(number=Sum("count")), by)
    if parts.rows is not None:
        rows = Event.objects.visible_to(actor).filter(parts.rows, **where)
        _add(found, _grouped(rows, "timestamp", by).annotate(number=Count("*")), by)
    return found


def total(actor: Actor, window: Window, where: dict[str, Any]) -> int:
    """How many events there are."""
    return count(actor, window, where, Grouping())[()]


def parts_of(actor: Actor, window: Window) -> Parts:
    """Which buckets of the window the rollup may answer for, and which rows must be counted."""
    first, last = _whole_buckets(window)
    if first is not None and last is not None and first >= last:
        return Parts(rollup=None, rows=window.of("timestamp"))
    inner = Window(first, last)
    dirty = merge_spans(_dirty(actor, inner))
    if len(dirty) > MAX_STRETCHES:
        return Parts(rollup=None, rows=window.of("timestamp"))
    clean = inner.of("bucket")
    rows = _edges(window, inner)
    for since, until in dirty:
        clean &= ~Q(bucket__gte=since, bucket__lt=until)
        rows.append(Q(timestamp__gte=since, timestamp__lt=until))
    return Parts(rollup=clean, rows=_any(rows))


def merge_spans(buckets: Sequence[datetime]) -> list[Span]:
    """Sorted buckets as stretches of time, neighbours joined."""
    found: list[Span] = []
    for bucket in buckets:
        if found and found[-1][1] == bucket:
            found[-1] = (found[-1][0], bucket + BUCKET)
        else:
            found.append((bucket, bucket + BUCKET))
    return found


def _whole_buckets(window: Window) -> tuple[datetime | None, datetime | None]:
    first = None if window.since is None else bucket_of(window.since)
    if first is not None and first != window.since:
        first += BUCKET
    return first, None if window.until is None else bucket_of(window.until)


def _edges(window: Window, inner: Window) -> list[Q]:
    """The rows before the first and after the last whole bucket."""
    found = []
    if window.since != inner.since:
        found.append(Q(timestamp__gte=window.since, timestamp__lt=inner.since))
    if window.until != inner.until:
        found.append(Q(timestamp__gte=inner.until, timestamp__lt=window.until))
    return found


def _dirty(actor: Actor, inner: Window) -> list[datetime]:
    rows = DirtyBucket.objects.visible_to(actor).filter(inner.of("bucket")).order_by("bucket")
    return list(rows.values_list("bucket", flat=True))


def _any(conditions: list[Q]) -> Q | None:
    found: Q | None = None
    for condition in conditions:
        found = condition if found is None else found | condition
    return found


def _grouped(rows: QuerySet[Any], column: str, by: Grouping) -> QuerySet[Any, Any]:
    if by.interval is None:
        return rows.order_by().values(*by.columns or ("workspace",))
    period = Period(column, by.interval, by.zone)
    stepped: QuerySet[Any, Any] = rows.annotate(period=period).order_by()
    return stepped.values(*by.columns, "period")


def _add(found: Counter[Key], groups: QuerySet[Any, Any], by: Grouping) -> None:
    for group in groups:
        key = tuple(group[name] for name in by.columns)
        if by.interval is not None:
            key = (*key, begin_of(group["period"], by.zone))
        found[key] += group["number"]
