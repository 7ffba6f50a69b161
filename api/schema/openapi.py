"""OpenAPI 3.1 of the routes: arguments, answers, refusals and examples, from the declarations."""

import json
import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from api.envelope import JsonObject
from api.route import Route
from api.routers import ROUTES
from api.schema import answers

# Fixed parts: health, the caller of a key, the shape of a refusal.
_FIXED = Path(__file__).with_name("fixed.json")
_KEY_HEADER = "Idempotency-Key"

REFUSALS = {
    400: "An argument is missing, unknown or invalid; `details` names it.",
    401: "The API key is missing or invalid.",
    403: "The key lacks a scope, or its role does not allow it.",
    404: "This workspace has nothing with this id.",
    405: "This path does not support this method.",
    409: "The object's state does not allow it, or a value is already in use.",
    413: "The body is larger than 1 MiB.",
    415: "The body is not application/json.",
    422: "The Idempotency-Key was used with another body.",
    429: "The key's rate limit is exceeded; try again after Retry-After seconds.",
    500: "Something went wrong on our side.",
    503: "A required service is not responding; try again after Retry-After seconds.",
}
ALWAYS = (400, 401, 403, 429, 500, 503)


@lru_cache(maxsize=1)
def document() -> JsonObject:
    """The whole document; the same for everyone."""
    found: JsonObject = json.loads(_FIXED.read_text("utf-8"))
    found["info"]["version"] = settings.VERSION
    found["servers"] = [{"url": settings.PUBLIC_BASE_URL}]
    for route in ROUTES:
        place = found["paths"].setdefault(f"/v1{route.path}", {})
        place[route.method.lower()] = _operation(route)
    found["components"]["schemas"] |= answers.components(ROUTES)
    found["components"]["responses"] = {str(status): _refusal(status) for status in REFUSALS}
    return found


def name_of(route: Route) -> str:
    """The operationId: the summary as a word."""
    return re.sub(r"[^a-z]+", "_", route.summary.lower().replace("'s", "")).strip("_")


def statuses_of(route: Route) -> list[int]:
    """Every status a route may answer with, successes first."""
    op = route.declared
    good = [200]
    if op.has_envelope:
        good += [201] if route.creates else []
        good += [202] if op.gated else []
    bad = [*ALWAYS]
    bad += [404] if route.path_names or _takes_ids(route) else []
    bad += [] if op.read_only else [409, 422]
    bad += [] if route.in_query else [413, 415]
    return good + sorted(bad)


def _operation(route: Route) -> JsonObject:
    scopes = (" or " if route.needs_one_scope else ", ").join(route.all_scopes)
    entry: JsonObject = {
        "operationId": name_of(route),
        "summary": route.summary,
        "description": f"Scope {scopes}. Role {route.declared.propose_role} or higher.",
        "tags": [route.path.split("/")[1]],
        "parameters": _parameters(route),
        "responses": {
            str(status): _success(route, status) if status < 400 else _pointer(status)
            for status in statuses_of(route)
        },
    }
    if not route.in_query:
        entry["requestBody"] = _body(route)
    return entry


def _parameters(route: Route) -> list[JsonObject]:
    found = [_parameter(route, name, "path") for name in route.path_names]
    if route.in_query:
        names = [name for name in route.arguments if name not in route.path_names]
        found += [_parameter(route, name, "query") for name in names]
    if not route.declared.read_only:
        found.append(
            {
                "name": _KEY_HEADER,
                "in": "header",
                "description": "For retries: the same key returns the first answer.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            }
        )
    return found


def _parameter(route: Route, name: str, place: str) -> JsonObject:
    schema = {key: part for key, part in route.arguments[name].items() if key != "description"}
    entry: JsonObject = {
        "name": name,
        "in": place,
        "required": place == "path" or name in route.required,
        "description": route.arguments[name].get("description", ""),
        "schema": schema,
    }
    return {**entry, "example": route.example[name]} if name in route.example else entry


def _body(route: Route) -> JsonObject:
    inner = {name: part for name, part in route.arguments.items() if name not in route.path_names}
    schema: JsonObject = {"type": "object", "properties": inner, "additionalProperties": False}
    if route.required:
        schema["required"] = route.required
    example = {name: value for name, value in route.example.items() if name in inner}
    return {
        "required": bool(route.required),
        "content": {"application/json": {"schema": schema, "example": example}},
    }


def _success(route: Route, status: int) -> JsonObject:
    words = {200: "Done.", 201: "Made.", 202: "It waits for approval or is sent later."}
    return {
        "description": words[status],
        "content": {"application/json": {"schema": answers.body(route)}},
    }


def _refusal(status: int) -> JsonObject:
    return {
        "description": REFUSALS[status],
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Error"},
                "example": {
                    "status": "error",
                    "error": REFUSALS[status],
                    "details": [],
                    "timestamp": "2026-11-20T09:30:00.000Z",
                    "request_id": "5f0c2d1e-8b52-4c55-9c6e-0a4a5a1f7b11",
                    "code": CODES[status],
                    "hint": "",
                    "retryable": status in {429, 500, 503},
                },
            }
        },
    }


CODES = {
    400: "validation_failed",
    401: "unauthorized",
    403: "insufficient_scope",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "validation_failed",
    415: "validation_failed",
    422: "idempotency_mismatch",
    429: "rate_limited",
    500: "unavailable",
    503: "unavailable",
}


def _pointer(status: int) -> JsonObject:
    return {"$ref": f"#/components/responses/{status}"}


def _takes_ids(route: Route) -> bool:
    return any(name.endswith(("_id", "_ids")) for name in route.arguments)
