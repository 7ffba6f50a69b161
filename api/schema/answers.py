"""JSON Schemas of routes' answers, from the models the operations return."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.envelope import JsonObject
from api.route import Route
from core.outcomes import Outcome

_PLACE = "#/components/schemas/{model}"


def components(routes: Iterable[Route]) -> JsonObject:
    """The schema of every model that appears in an answer, by its name."""
    models = {route.answer: None for route in routes if route.answer is not Outcome}
    _, found = models_json_schema(
        [(model, "serialization") for model in models], ref_template=_PLACE
    )
    return {name: _loose(part) for name, part in found.get("$defs", {}).items()}


def body(route: Route) -> JsonObject:
    """The schema of a route's successful body."""
    if route.answer is Outcome:
        return success(_outcome(), ["outcome"])
    own = _loose(route.answer.model_json_schema(mode="serialization", ref_template=_PLACE))
    fields = own.get("properties", {})
    if "status" in fields:
        fields = {**fields, "outcome": fields["status"]}
    fields = {name: part for name, part in fields.items() if name != "status"}
    return success(fields, [name for name in own.get("required", []) if name in fields])


def success(fields: JsonObject, required: list[str]) -> JsonObject:
    """A body with `status` success and these fields."""
    return {
        "type": "object",
        "required": ["status", *required],
        "properties": {"status": {"const": "success"}, **fields},
    }


def _outcome() -> JsonObject:
    own = _loose(_inline(Outcome))["properties"]
    named = {name: part for name, part in own.items() if name not in {"status", "result"}}
    return {"outcome": own["status"], **named}


def _inline(model: type[BaseModel]) -> JsonObject:
    raw = model.model_json_schema(mode="serialization")
    kinds = raw.pop("$defs", {})
    for name, part in raw["properties"].items():
        if "$ref" in part:
            raw["properties"][name] = kinds[part["$ref"].rsplit("/", 1)[-1]]
    return raw


def _loose(node: Any) -> Any:
    """A schema as answers follow it: rows have `_id` too, and absent values are omitted."""
    if isinstance(node, list):
        return [_loose(part) for part in node]
    if not isinstance(node, dict):
        return node
    made = {
        key: _loose(part)
        for key, part in node.items()
        if key not in {"additionalProperties", "title", "$defs"} or isinstance(part, dict)
    }
    made.pop("$defs", None)
    if "required" in made and "properties" in made:
        optional = {name for name, part in made["properties"].items() if _may_be_absent(part)}
        made["required"] = [name for name in made["required"] if name not in optional]
    return made


def _may_be_absent(part: JsonObject) -> bool:
    return {"type": "null"} in part.get("anyOf", [])
