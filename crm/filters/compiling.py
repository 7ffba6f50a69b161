"""Compiles a validated filter to SQL: the contacts that match.

Every condition is true or false, never unknown: "not" is pushed down to the conditions, and there
it also holds for a contact without a value (data-9).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import and_, or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Case, F, FloatField, Q, QuerySet, Value, When
from django.db.models import Count as NumberOf
from django.db.models.functions import Cast
from django.db.models.lookups import (
    Contains,
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
)

from core.actor import Actor
from crm.filters import contacted, fields, values
from crm.filters.columns import (
    AsciiLower,
    JsonAnything,
    JsonFlag,
    JsonNumber,
    JsonText,
    ascii_lower,
)
from crm.filters.fields import FieldRule
from crm.filters.nodes import (
    All,
    AnyOf,
    Condition,
    Count,
    DaysAgo,
    Happened,
    Leaf,
    Node,
    Not,
    NotContacted,
)
from crm.models import Company, Event, SegmentMember

# Narrows a subquery's contact column to the contacts evaluated; all by default.
Among = Callable[[str], Q]


def everyone(_: str) -> Q:
    """All contacts of the workspace."""
    return Q()


@dataclass(frozen=True, slots=True)
class Question:
    """The context of a compilation: the workspace, the time and the time zone."""

    actor: Actor
    now: datetime
    zone: ZoneInfo
    among: Among = everyone


_COMPARISONS: dict[str, Any] = {
    "gt": GreaterThan,
    "gte": GreaterThanOrEqual,
    "lt": LessThan,
    "lte": LessThanOrEqual,
    "before": LessThan,
    "after": GreaterThanOrEqual,
}
_OPPOSITES = {"ne": "eq", "not_in": "in", "is_not_set": "is_set"}


def compiled(asked: Question, node: Node, *, holds: bool = True) -> Q:
    """The condition on contacts that the filter matches, or does not."""
    if isinstance(node, Not):
        return compiled(asked, node.negated, holds=not holds)
    if isinstance(node, All | AnyOf):
        parts = node.all if isinstance(node, All) else node.any
        # De Morgan: not all of them is any of them not.
        joined = and_ if isinstance(node, All) is holds else or_
        return reduce(joined, [compiled(asked, part, holds=holds) for part in parts])
    return _leaf(asked, node, holds=holds)


def _leaf(asked: Question, node: Leaf, *, holds: bool) -> Q:
    if isinstance(node, Condition):
        return _condition(asked, "contact", node, holds=holds)
    if isinstance(node, Happened):
        return _happened(asked, node, holds=holds)
    if isinstance(node, NotContacted):
        since = asked.now - timedelta(days=node.not_contacted_days)
        reached = contacted.since(asked.actor, since, asked.among)
        return _member_of(reached, holds=not holds)
    members = SegmentMember.objects.visible_to(asked.actor).filter(
        asked.among("contact"), segment=node.segment_id, segment__deleted_at=None
    )
    return _member_of([members.values("contact")], holds=holds)


def _member_of(lists: Sequence[QuerySet[Any, Any]], *, holds: bool) -> Q:
    inside = reduce(or_, [Q(pk__in=rows) for rows in lists], Q(pk__in=[]))
    return inside if holds else ~inside


def _happened(asked: Question, node: Happened, *, holds: bool) -> Q:
    wanted = node.count or Count(value=1)
    rows = Event.objects.visible_to(asked.actor).filter(
        asked.among("contact"), event=node.event, contact__isnull=False
    )
    if node.within_days:
        rows = rows.filter(timestamp__gte=asked.now - timedelta(days=node.within_days))
    if not any(condition.field == "is_bot" for condition in node.where):
        rows = rows.filter(is_bot=False)
    for condition in node.where:
        rows = rows.filter(_condition(asked, "event", condition, holds=True))
    # A contact without such an event is in no group: if zero is enough, exclude the others.
    is_enough = _compares(0, wanted)
    numbers = rows.order_by().values("contact")
    if _is_at_least_one(wanted):
        return _member_of([numbers], holds=holds)
    counted = numbers.alias(times=NumberOf("pk")).filter(_times(wanted, holds=not is_enough))
    return _member_of([counted], holds=holds is not is_enough)


def _is_at_least_one(wanted: Count) -> bool:
    return (wanted.op, wanted.value) in {("gte", 1), ("gt", 0)}


def _compares(number: int, wanted: Count) -> bool:
    return {
        "eq": number == wanted.value,
        "ne": number != wanted.value,
        "gt": number > wanted.value,
        "gte": number >= wanted.value,
        "lt": number < wanted.value,
        "lte": number <= wanted.value,
    }[wanted.op]


def _times(wanted: Count, *, holds: bool) -> Q:
    op = "exact" if wanted.op in {"eq", "ne"} else wanted.op
    condition = Q(**{f"times__{op}": wanted.value})
    return condition if (wanted.op != "ne") is holds else ~condition


def _condition(asked: Question, noun: str, node: Condition, *, holds: bool) -> Q:
    rule = fields.rule_of(noun, node.field)
    if rule is None:
        raise RuntimeError(f"{node.field} was not checked")
    op = _OPPOSITES.get(node.op, node.op)
    positive = _positive(asked, rule, op, node.value)
    if rule.of_company:
        firms = Company.objects.visible_to(asked.actor).present().filter(positive)
        positive = Q(company__in=firms.values("pk"))
    return positive if (op == node.op) is holds else _fails(positive)


def _fails(positive: Q) -> Q:
    """That it is false or unknown."""
    told = Case(When(positive, then=Value(True)), default=Value(False), output_field=BooleanField())
    return Q(Exact(told, Value(False)))


def _positive(asked: Question, rule: FieldRule, op: str, value: Any) -> Q:
    if op == "is_set":
        return _is_set(rule)
    given = value if isinstance(value, list) else [value]
    if rule.kind == "custom":
        return _custom(rule, op, given)
    if rule.kind == "text":
        return _text(AsciiLower(F(rule.column)), op, given)
    if rule.kind == "date":
        return Q(_COMPARISONS[op](F(rule.column), Value(_moment(asked, value))))
    if rule.kind == "number":
        # As a float: compared as integers, 5.5 would be cut to 5.
        return _number(Cast(F(rule.column), FloatField()), op, given)
    return Q(**{f"{rule.column}__in": given})


def _is_set(rule: FieldRule) -> Q:
    if rule.kind == "custom":
        return Q(GreaterThan(JsonAnything(rule.column, rule.json_key), Value("")))
    there = Q(**{f"{rule.column}__isnull": False})
    return there & ~Q(**{rule.column: ""}) if rule.kind in {"text", "choice"} else there


def _text(column: Any, op: str, given: list[Any]) -> Q:
    words = [ascii_lower(word) for word in given]
    return Q(Contains(column, words[0])) if op == "contains" else Q(In(column, words))


def _number(column: Any, op: str, given: list[Any]) -> Q:
    numbers = [float(number) for number in given]
    if op in _COMPARISONS:
        return Q(_COMPARISONS[op](column, Value(numbers[0])))
    return Q(In(column, numbers))


def _custom(rule: FieldRule, op: str, given: list[Any]) -> Q:
    column, key = rule.column, rule.json_key
    if op in _COMPARISONS:
        return _number(JsonNumber(column, key), op, given)
    flags = [value for value in given if isinstance(value, bool)]
    numbers = [value for value in given if type(value) in {int, float}]
    words = [value for value in given if isinstance(value, str)]
    alternatives = [
        *([Q(In(JsonFlag(column, key), flags))] if flags else []),
        *([_number(JsonNumber(column, key), op, numbers)] if numbers else []),
        *([_text(AsciiLower(JsonText(column, key)), op, words)] if words else []),
    ]
    return reduce(or_, alternatives)


def _moment(asked: Question, value: Any) -> datetime:
    if isinstance(value, DaysAgo):
        return asked.now - timedelta(days=value.days_ago)
    given = values.moment_of(value)
    return given if given.tzinfo else given.replace(tzinfo=asked.zone)
