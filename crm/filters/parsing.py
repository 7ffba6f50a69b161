"""Parses untrusted JSON into a validated filter; an error names its path."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from core.errors import ValidationFailed
from core.schemas import nearest, plain_name
from core.validation_messages import reason
from crm.filters import nodes, values
from crm.filters.nodes import (
    All,
    AnyOf,
    Condition,
    Happened,
    InSegment,
    Leaf,
    Node,
    Not,
    NotContacted,
)

_GROUPS = ("all", "any", "not")
_WRONG_TYPES = {"string_type", "bool_type", "int_type", "float_type", "model_type", "list_type"}


def parse(data: Any, field: str = "filter") -> Node:
    """The filter; raises ValidationFailed naming the path, e.g. `filter.all.1.value`."""
    _check_size(data, field)
    try:
        found: Node = nodes.ADAPTER.validate_python(data)
    except ValidationError as error:
        raise _refusal(error, field) from None
    for path, leaf in all_conditions(found, field):
        if isinstance(leaf, Condition):
            values.check("contact", leaf, path)
        if isinstance(leaf, Happened):
            for number, condition in enumerate(leaf.where):
                values.check("event", condition, f"{path}.where.{number}")
    return found


def as_data(node: Node) -> dict[str, Any]:
    """The filter as JSON, as it is stored and answered."""
    data: dict[str, Any] = node.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return data


def all_conditions(node: Node, path: str = "filter") -> Iterator[tuple[str, Leaf]]:
    """Every condition with its path, in order."""
    if isinstance(node, Not):
        yield from all_conditions(node.negated, f"{path}.not")
    elif isinstance(node, All | AnyOf):
        word, parts = ("all", node.all) if isinstance(node, All) else ("any", node.any)
        for number, part in enumerate(parts):
            yield from all_conditions(part, f"{path}.{word}.{number}")
    else:
        yield path, node


def segments_in(node: Node) -> dict[str, str]:
    """The segments a filter refers to, each with its path."""
    found: dict[str, str] = {}
    for path, leaf in all_conditions(node):
        if isinstance(leaf, InSegment):
            found.setdefault(leaf.segment_id, f"{path}.segment_id")
    return found


def depends_on_time(node: Node) -> bool:
    """Whether its members change by the mere passing of time."""
    for _, leaf in all_conditions(node):
        if isinstance(leaf, NotContacted) or (isinstance(leaf, Happened) and leaf.within_days):
            return True
        if isinstance(leaf, Condition) and isinstance(leaf.value, nodes.DaysAgo):
            return True
    return False


@lru_cache(maxsize=1)
def json_schema() -> dict[str, Any]:
    """The grammar as JSON Schema 2020-12: shapes and operators; values depend on the field."""
    schema = nodes.ADAPTER.json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Contact filter",
        "description": f"At most {nodes.MAX_DEPTH} levels and {nodes.MAX_LEAVES} conditions.",
        **_untitled(schema),
    }


def _check_size(data: Any, field: str) -> None:
    """Before pydantic, which would go down any depth."""
    waiting, conditions = [(data, 1)], 0
    while waiting:
        node, depth = waiting.pop()
        if depth > nodes.MAX_DEPTH:
            raise ValidationFailed(
                f"A filter can have at most {nodes.MAX_DEPTH} levels.",
                hint="Save part of it as a segment and use segment_id.",
                field=field,
            )
        inner = _inside(node)
        conditions += 0 if inner else _number_of_conditions(node)
        waiting.extend((part, depth + 1) for part in inner)
        if conditions > nodes.MAX_LEAVES:
            raise ValidationFailed(
                f"A filter can have at most {nodes.MAX_LEAVES} conditions.", field=field
            )


def _number_of_conditions(node: Any) -> int:
    where = node.get("where") if isinstance(node, dict) else None
    return 1 + (len(where) if isinstance(where, list) else 0)


def _inside(node: Any) -> list[Any]:
    if not isinstance(node, dict):
        return []
    key = next((key for key in _GROUPS if key in node), None)
    if key is None:
        return []
    parts = node[key]
    if key == "not":
        return [parts]
    # One too many is enough to refuse it.
    return parts[: nodes.MAX_LEAVES + 1] if isinstance(parts, list) else []


def _refusal(error: ValidationError, field: str) -> ValidationFailed:
    fault = error.errors(include_url=False)[0]
    path = _path(fault["loc"], field)
    if fault["type"] in {"union_tag_not_found", "union_tag_invalid"}:
        return _shapeless(fault["input"], path)
    if fault["type"] == "extra_forbidden":
        return _extra(fault["loc"], path)
    if fault["type"] == "missing":
        return ValidationFailed(f"Missing: {path}.", hint="Provide it.", field=path)
    if fault["type"] == "literal_error":
        valid: list[str] = list(nodes.COUNT_OPS if ".count." in path else nodes.OPS)
        return ValidationFailed(
            "Unknown operator.",
            field=path,
            valid_values=valid,
            did_you_mean=nearest(str(fault["input"])[:60], valid),
        )
    if path.endswith(".value") and fault["type"] in _WRONG_TYPES:
        words = "must be text, a number, true or false, or a list of them"
        return ValidationFailed(f"{path} {words}.", field=path)
    return ValidationFailed(f"{path}: {reason(fault)}.", field=path)


def _path(loc: tuple[Any, ...], field: str) -> str:
    parts = [field]
    for part in map(str, loc):
        if part.startswith("<"):
            continue  # the tag of a shape
        if parts[-1] == "value":
            break  # the alternatives of a value, by the names of their types
        parts.append(plain_name(part))
    return ".".join(parts)


def _shapeless(given: Any, path: str) -> ValidationFailed:
    keys = list(given) if isinstance(given, dict) else []
    known = list(nodes.SHAPES)
    words = "Each part of a filter must have exactly one of these keys."
    guesses = (nearest(plain_name(str(key)), known) for key in keys if key not in known)
    return ValidationFailed(
        words,
        hint="See docs/reference/filters.md.",
        field=path,
        valid_values=known,
        did_you_mean=next(filter(None, guesses), None),
    )


def _extra(loc: tuple[Any, ...], path: str) -> ValidationFailed:
    tags = [str(part)[1:-1] for part in loc if str(part).startswith("<")]
    shape = nodes.SHAPES[tags[-1]] if tags else nodes.Condition
    if "where" in loc:
        shape = nodes.Condition
    if "count" in loc:
        shape = nodes.Count
    known = [info.alias or name for name, info in shape.model_fields.items()]
    return ValidationFailed(
        "Unknown key.",
        hint="Omit it or use one of the valid names.",
        field=path,
        valid_values=known,
        did_you_mean=nearest(plain_name(str(loc[-1])), known),
    )


def _untitled(node: Any) -> Any:
    if isinstance(node, list):
        return [_untitled(part) for part in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _untitled(part)
        for key, part in node.items()
        if not (key == "title" and isinstance(part, str))
    }
