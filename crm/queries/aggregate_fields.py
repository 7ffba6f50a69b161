"""The group-by fields and metrics of each entity."""

from collections.abc import Callable, Mapping
from typing import get_args
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, Count, F, Q, Value, When
from django.db.models.expressions import Combinable

from core.errors import ValidationFailed
from core.schemas import nearest
from crm.queries.periods import Interval, Period
from crm.schemas.aggregate import Entity, Metric

INTERVALS: tuple[Interval, ...] = get_args(Interval)
_CREATED = "created_"
_EMPLOYEES = ((10, "1-10"), (50, "11-50"), (200, "51-200"), (500, "201-500"), (1000, "501-1000"))
_MANY_EMPLOYEES = ((5000, "1001-5000"), (10000, "5001-10000"))
Expression = Callable[[], Combinable]


def _columns(*names: str, **others: str) -> dict[str, Expression]:
    columns = {name: name for name in names} | others
    return {name: _column(column) for name, column in columns.items()}


def _column(column: str) -> Expression:
    return lambda: F(column)


def _unless_deleted(noun: str) -> Expression:
    """The id of a contact or company; NULL if it was deleted."""
    there = {f"{noun}__deleted_at": None, f"{noun}__isnull": False}
    return lambda: Case(When(Q(**there), then=F(noun)), default=None)


def _segment() -> Combinable:
    name = F("segments__segment__name")
    is_there = Q(segments__segment__isnull=False, segments__segment__deleted_at=None)
    return Case(When(is_there, then=name), default=Value(""), output_field=CharField())


def _employee_range() -> Combinable:
    steps = [
        When(employee_count__lte=most, then=Value(label))
        for most, label in (*_EMPLOYEES, *_MANY_EMPLOYEES)
    ]
    unknown = When(Q(employee_count=None) | Q(employee_count=0), then=Value(""))
    return Case(unknown, *steps, default=Value("10001+"), output_field=CharField())


_FIELDS: Mapping[str, dict[str, Expression]] = {
    "events": {
        **_columns("event", "domain", "path", "referring_domain", "device_type", "browser", "os"),
        **_columns("is_bot", "country", "utm_source", "utm_medium", "utm_campaign"),
        "contact": _unless_deleted("contact"),
        "company": _unless_deleted("company"),
    },
    "contacts": {
        **_columns("lead_status", "country", "state", "city", "industry", "creation_source"),
        **_columns(lifecycle_stage="lifecyclestage", job_title="jobtitle"),
        "company": _unless_deleted("company"),
        "segment": _segment,
    },
    "companies": {
        **_columns("industry", "country", lifecycle_stage="lifecyclestage"),
        "employee_range": _employee_range,
    },
}
_TIMES: Mapping[str, tuple[str, ...]] = {
    "events": INTERVALS,
    "contacts": ("created_day", "created_week", "created_month"),
    "companies": (),
}


def names_of(entity: Entity) -> list[str]:
    """Every field of the entity one can group by."""
    return [*_FIELDS[entity], *_TIMES[entity]]


def validate_fields(entity: Entity, names: list[str]) -> list[str]:
    """The names; raises ValidationFailed with the valid ones and the nearest for a wrong one."""
    valid = names_of(entity)
    for name in names:
        if name not in valid:
            raise ValidationFailed(
                f"{entity.capitalize()} can't be grouped by this field.",
                field="group_by",
                valid_values=valid,
                did_you_mean=nearest(name, valid),
            )
    if len(set(names)) < len(names):
        raise ValidationFailed("A field is named twice.", field="group_by")
    return names


def time_field(entity: Entity, interval: Interval) -> str:
    """The name of a step of time as a group's field."""
    return interval if entity == "events" else f"{_CREATED}{interval}"


def interval_of(name: str) -> Interval | None:
    """The interval of a time field, or None."""
    bare = name.removeprefix(_CREATED)
    return next((interval for interval in INTERVALS if interval == bare), None)


def expression_of(entity: Entity, name: str, zone: ZoneInfo) -> Combinable:
    """The group-by expression."""
    interval = interval_of(name)
    if interval is not None:
        return Period("timestamp" if entity == "events" else "created_at", interval, zone)
    return _FIELDS[entity][name]()


def metric_of(entity: Entity, metric: Metric) -> Count:
    """The aggregate of each group."""
    if metric == "count" or metric == f"unique_{entity}":
        return Count("pk", distinct=entity == "contacts")
    noun = "contact" if metric == "unique_contacts" else "company"
    if entity == "companies":
        return Count("contacts", filter=Q(contacts__deleted_at=None), distinct=True)
    return Count(noun, distinct=True)
