"""Checks a condition's operator and value against its field; errors list the valid ones."""

from datetime import date, datetime
from typing import Any

from core.errors import ValidationFailed
from core.schemas import moment_in_utc, nearest, plain_name
from crm.filters import fields
from crm.filters.fields import FieldRule
from crm.filters.nodes import Condition, DaysAgo

_WORDS = {
    "text": "text",
    "choice": "one of the valid values",
    "number": "a number",
    "boolean": "true or false",
    "date": 'a date like 2026-11-01, a time with a zone, or {"days_ago": 7}',
    "id": "an id",
    "custom": "text, a number, true or false",
}
_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "choice": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "id": (str,),
    "custom": (str, int, float, bool),
}


def check(noun: str, condition: Condition, path: str) -> None:
    """Raise ValidationFailed unless the condition makes sense for contacts or events."""
    rule = fields.rule_of(noun, condition.field)
    if rule is None:
        raise _unknown_field(noun, condition.field, path)
    allowed = fields.OPS_OF[rule.kind]
    if condition.op not in allowed:
        raise ValidationFailed(
            f"{rule.label} can't be compared this way.",
            field=f"{path}.op",
            valid_values=allowed,
            did_you_mean=_instead(condition.op, rule),
        )
    _check_presence(condition, path)
    if condition.op in {"is_set", "is_not_set"}:
        return
    given = condition.value if isinstance(condition.value, list) else [condition.value]
    for value in given:
        _check_value(rule, condition.op, value, f"{path}.value")


def moment_of(value: Any) -> datetime:
    """A date's midnight or a moment, without an offset where none was given; raises ValueError."""
    if not isinstance(value, str) or not value.isascii():
        raise ValueError("is not a date")
    if len(value) == len("2026-11-01"):
        day = date.fromisoformat(value)
        return moment_in_utc(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - its reader's
    return moment_in_utc(datetime.fromisoformat(value))


def _unknown_field(noun: str, name: str, path: str) -> ValidationFailed:
    valid = [*fields.fields_of(noun), f"{fields.CUSTOM_PREFIXES[noun]}.<key>"]
    bare = name.removeprefix(f"{fields.CUSTOM_PREFIXES[noun]}.")
    return ValidationFailed(
        f"There is no such field on {'an event' if noun == 'event' else 'a contact'}.",
        hint=f"A custom property is written {valid[-1]}.",
        field=f"{path}.field",
        valid_values=valid,
        did_you_mean=nearest(plain_name(bare), valid),
    )


def _instead(op: str, rule: FieldRule) -> str | None:
    turned = {"gt": "after", "gte": "after", "lt": "before", "lte": "before"}
    back = {"after": "gt", "before": "lt"}
    found = turned.get(op) if rule.kind == "date" else back.get(op)
    return found if found in fields.OPS_OF[rule.kind] else None


def _check_presence(condition: Condition, path: str) -> None:
    wants_none = condition.op in {"is_set", "is_not_set"}
    wants_list = condition.op in {"in", "not_in"}
    is_there = condition.value is not None
    if wants_none and is_there:
        raise ValidationFailed(f"{condition.op} takes no value.", field=f"{path}.value")
    if not wants_none and not is_there:
        raise ValidationFailed(f"{condition.op} needs a value.", field=f"{path}.value")
    if wants_list != isinstance(condition.value, list) and not wants_none:
        words = "a list of values" if wants_list else "one value, not a list"
        raise ValidationFailed(f"{condition.op} takes {words}.", field=f"{path}.value")


def _check_value(rule: FieldRule, op: str, value: Any, field: str) -> None:
    if rule.kind == "date":
        _check_date(rule, value, field)
        return
    kinds = _TYPES[rule.kind]
    words = _WORDS[rule.kind]
    if rule.kind == "custom" and op == "contains":
        kinds, words = (str,), _WORDS["text"]
    if rule.kind == "custom" and op in {"gt", "gte", "lt", "lte"}:
        kinds, words = (int, float), _WORDS["number"]
    if type(value) not in kinds:  # a bool is an int to isinstance
        raise ValidationFailed(f"{rule.label} is compared with {words}.", field=field)
    if op == "contains" and value == "":
        raise ValidationFailed("contains needs some text.", field=field)
    if rule.choices and value not in rule.choices:
        raise ValidationFailed(
            f"{rule.label} is not one of the valid values.",
            field=field,
            valid_values=rule.choices,
            did_you_mean=nearest(str(value), list(rule.choices)),
        )


def _check_date(rule: FieldRule, value: Any, field: str) -> None:
    if isinstance(value, DaysAgo):
        return
    try:
        moment_of(value)
    except (ValueError, OverflowError):
        raise ValidationFailed(
            f"{rule.label} is compared with {_WORDS['date']}.", field=field
        ) from None
