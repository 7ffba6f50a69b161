"""Helpful sentences for pydantic's validation errors."""

from typing import Any

_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "an object",
    "model_type": "an object",
    "list_type": "a list",
}
_MOMENT = "must be a date and time like 2026-11-21T09:00:00Z"
_ZONE = "must say its time zone, like 2026-11-21T09:00:00Z"


def reason(fault: Any) -> str:
    """The sentence for one error of a pydantic ValidationError, without a full stop."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind in _KINDS:
        return f"must be {_KINDS[kind]}"
    if kind.startswith("datetime"):
        return _MOMENT
    if kind.startswith("timezone"):
        return _ZONE
    if "length" in " ".join(context):
        return _length(fault, context)
    if kind in {"greater_than_equal", "less_than_equal"}:
        return f"must be {_bound(context)}"
    return str(fault["msg"]).removeprefix("Value error, ")


def _length(fault: Any, context: dict[str, Any]) -> str:
    given = fault["input"]
    unit = "character" if isinstance(given, str) else "item"
    most, least = context.get("max_length"), context.get("min_length")
    number = most if most is not None and fault["type"].endswith("long") else least
    word = "at most" if number is most and fault["type"].endswith("long") else "at least"
    plural = "" if number == 1 else "s"
    sent = f"; {len(given)} were given" if hasattr(given, "__len__") else ""
    return f"has {word} {number} {unit}{plural}{sent}"


def _bound(context: dict[str, Any]) -> str:
    if "ge" in context:
        return f"at least {context['ge']}"
    return f"at most {context['le']}"
