"""Group-by over contacts, companies and events, computed by the database.

Counts of events by name, bot or time come from the rollup; everything else comes from rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.access import Scope
from core.actor import Actor
from core.errors import InsufficientScope
from core.operations import Effect, operation
from crm.queries import aggregate_fields as fields
from crm.queries.aggregate_filters import event_filter, rows_of
from crm.queries.event_counts import Grouping, count
from crm.queries.events import dated, rollup_filter
from crm.queries.periods import Interval, begin_of, name_of, zone_of
from crm.schemas.aggregate import AggregateData, Aggregation, Group, Rest

_SCOPES = {
    "contacts": Scope.CONTACTS_READ,
    "companies": Scope.COMPANIES_READ,
    "events": Scope.EVENTS_READ,
}
_SHOWN = 120


@dataclass(frozen=True, slots=True)
class _Question:
    """The arguments, checked and complete."""

    data: AggregateData
    names: list[str]
    filters: dict[str, Any]
    sort: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class _Found:
    """The groups to show, in order, and the rest."""

    groups: list[tuple[tuple[Any, ...], int]]
    number_of_groups: int
    total: int


@operation(
    "crm.aggregate",
    schema=AggregateData,
    scope=tuple(_SCOPES.values()),
    any_scope=True,
    effect=Effect.READ,
)
def aggregate_data(actor: Actor, data: AggregateData) -> Aggregation:
    """The largest groups, the rest as one row, and the total.

    Needs the read scope of the entity: raises InsufficientScope. Raises ValidationFailed for an
    unknown field or filter, with the valid ones.
    """
    scope = _SCOPES[data.entity]
    if not actor.has_scope(scope):
        raise InsufficientScope((scope,))
    asked = _question(actor, data)
    if "segment" in asked.names and not actor.has_scope(Scope.SEGMENTS_READ):
        raise InsufficientScope((Scope.SEGMENTS_READ,))
    found = _from_rollup(actor, asked)
    return _answer(asked, found if found is not None else _from_rows(actor, asked))


def _question(actor: Actor, data: AggregateData) -> _Question:
    names = fields.validate_fields(data.entity, list(data.group_by))
    if data.interval is not None:
        step = fields.time_field(data.entity, data.interval)
        names += [] if step in names else [step]
    has_time = any(fields.interval_of(name) for name in names)
    # Grouping by is_bot includes the bots.
    filters = ({"include_bots": True} if "is_bot" in names else {}) | data.filters
    return _Question(
        data, names, filters, data.sort or ("-key" if has_time else "-value"), zone_of(actor)
    )


def _from_rollup(actor: Actor, asked: _Question) -> _Found | None:
    """The answer from the rollup, or None if rows are needed."""
    columns = [name for name in asked.names if fields.interval_of(name) is None]
    steps = [name for name in asked.names if name not in columns]
    is_counted = asked.data.entity == "events" and asked.data.metric == "count"
    if not is_counted or len(steps) > 1 or not {*columns} <= {"event", "is_bot"}:
        return None
    given = event_filter(asked.filters)
    where = rollup_filter(given)
    if where is None:
        return None
    interval = fields.interval_of(steps[0]) if steps else None
    by = Grouping(columns=tuple(columns), interval=interval, zone=asked.zone)
    numbers = count(actor, dated(actor, given), where, by)
    order = [(columns + steps).index(name) for name in asked.names]
    groups = [(tuple(key[place] for place in order), n) for key, n in numbers.items()]
    ordered = _ordered(groups, asked.sort)
    return _Found(ordered[: asked.data.limit], len(ordered), sum(numbers.values()))


def _ordered(
    groups: Iterable[tuple[tuple[Any, ...], int]], sort: str
) -> list[tuple[tuple[Any, ...], int]]:
    if sort.endswith("key"):
        return sorted(groups, reverse=sort.startswith("-"))
    sign = -1 if sort.startswith("-") else 1
    return sorted(groups, key=lambda group: (sign * group[1], group[0]))


def _from_rows(actor: Actor, asked: _Question) -> _Found:
    data = asked.data
    rows = rows_of(actor, data.entity, asked.filters).order_by()
    by = {
        f"field_{place}": fields.expression_of(data.entity, name, asked.zone)
        for place, name in enumerate(asked.names)
    }
    metric = fields.metric_of(data.entity, data.metric)
    groups = rows.annotate(**by).values_list(*by).annotate(value=metric)
    shown = [
        (_comparable(key, asked), number)
        for *key, number in groups.order_by(*_order(asked.sort, list(by)))[: data.limit]
    ]
    number_of_groups = len(shown) if len(shown) < data.limit else groups.count()
    return _Found(shown, number_of_groups, rows.aggregate(value=metric)["value"])


def _order(sort: str, keys: list[str]) -> list[str]:
    sign = "-" if sort.startswith("-") else ""
    return [f"{sign}{key}" for key in keys] if sort.endswith("key") else [f"{sign}value", *keys]


def _comparable(key: list[Any], asked: _Question) -> tuple[Any, ...]:
    return tuple(
        begin_of(value, asked.zone) if fields.interval_of(name) else value
        for name, value in zip(asked.names, key, strict=True)
    )


def _answer(asked: _Question, found: _Found) -> Aggregation:
    data, omitted = asked.data, found.number_of_groups - len(found.groups)
    # A contact can be in two segments or two paths: such counts do not add up.
    adds_up = data.metric == "count" and "segment" not in asked.names
    rest = found.total - sum(number for _, number in found.groups)
    return Aggregation(
        entity=data.entity,
        metric=data.metric,
        group_by=asked.names,
        groups=[
            Group(key=_key(asked.names, values, asked.zone), value=number)
            for values, number in found.groups
        ],
        other=Rest(groups=omitted, value=rest if adds_up else None) if omitted else None,
        total=found.total,
        time_zone=asked.zone.key if any(map(fields.interval_of, asked.names)) else None,
        truncated=omitted > 0 or None,
        omitted=omitted or None,
        hint="Narrow the filters, or request up to 200 groups." if omitted else None,
    )


def _key(names: list[str], values: tuple[Any, ...], zone: ZoneInfo) -> dict[str, str | bool]:
    return {
        name: _shown(value, fields.interval_of(name), zone)
        for name, value in zip(names, values, strict=True)
    }


def _shown(value: Any, interval: Interval | None, zone: ZoneInfo) -> str | bool:
    if interval is not None and isinstance(value, datetime):
        return name_of(value, interval, zone)
    if isinstance(value, bool):
        return value
    text = "" if value is None else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
