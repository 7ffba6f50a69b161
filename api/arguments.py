"""The arguments of a request: path, then query or body, as the operation's schema names them."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from api.errors import NotJson, TooLarge
from api.route import JsonObject, Route
from core import strict_json
from core.errors import ValidationFailed

_WORDS = {"true": True, "false": False}


def of_request(request: HttpRequest, route: Route, path_values: dict[str, str]) -> JsonObject:
    """All arguments by name; raises ValidationFailed, TooLarge or NotJson.

    A body argument in the query is refused as a mistake.
    """
    given = _query(request, route) if route.in_query else _body(request)
    if not route.in_query and request.GET:
        raise ValidationFailed("Send arguments in the body, not in the query string.")
    doubled = next((name for name in path_values if name in given), None)
    if doubled is not None:
        raise ValidationFailed("Already given in the path.", field=doubled)
    return {**given, **path_values}


def _query(request: HttpRequest, route: Route) -> JsonObject:
    return {
        name: _value(name, values, route.arguments.get(name, {}))
        for name, values in request.GET.lists()
    }


def _value(name: str, values: list[Any], schema: JsonObject) -> Any:
    if schema.get("type") == "array":
        return values
    if len(values) > 1:
        raise ValidationFailed("Given more than once.", field=name[:60])
    if schema.get("type") == "boolean":
        return _WORDS.get(values[0], values[0])
    return values[0]


def _body(request: HttpRequest) -> JsonObject:
    body = request.body
    if len(body) > settings.MAX_BODY_BYTES:
        raise TooLarge(f"A body has at most {settings.MAX_BODY_BYTES} bytes.")
    if not body:
        return {}
    if request.content_type != "application/json":
        raise NotJson("Send the body as application/json.")
    value = strict_json.loads(body)
    if not isinstance(value, dict):
        raise ValidationFailed("The body is not a JSON object.")
    return value
