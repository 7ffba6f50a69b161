"""Which JSON Schemas the two model APIs take for structured output.

Transcribed on 2026-11-25 from https://platform.claude.com/docs/en/build-with-claude/structured-outputs
and https://developers.openai.com/api/docs/guides/structured-outputs: every object is closed; the
first knows no limits of length or number, the second wants every property required.
"""

from collections.abc import Iterator
from typing import Any

_LIMITS = {
    *("minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("multipleOf", "maxItems", "uniqueItems", "minProperties", "maxProperties", "oneOf", "not"),
}


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    """The schema of an object with these properties and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


def unsupported(schema: Any) -> str:
    """What Anthropic refuses in a schema; empty when it takes it."""
    for node in _nodes(schema):
        found = _LIMITS & set(node)
        if found:
            return f"output_config.format.schema: {min(found)} is not supported"
        if node.get("type") == "object" and node.get("additionalProperties") is not False:
            return "output_config.format.schema: additionalProperties must be false"
    return ""


def not_strict(schema: Any) -> str:
    """What OpenAI refuses in a strict schema; empty when it takes it."""
    if not isinstance(schema, dict) or schema.get("type") != "object" or "anyOf" in schema:
        return "schema must have type 'object' and not have 'anyOf' at the top level"
    for node in _nodes(schema):
        if node.get("type") != "object":
            continue
        if node.get("additionalProperties") is not False:
            return "'additionalProperties' is required to be supplied and to be false"
        if set(node.get("required", ())) != set(node.get("properties", {})):
            return "'required' must include every key in properties"
    return ""


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema in a schema; names of properties are no keywords."""
    if not isinstance(schema, dict):
        return
    yield schema
    for part in schema.get("properties", {}).values():
        yield from _nodes(part)
    for part in schema.get("anyOf", ()):
        yield from _nodes(part)
    yield from _nodes(schema.get("items"))
