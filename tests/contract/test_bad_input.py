"""Invalid input to every tool and route: refused with the parameter's name, nothing changed."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client

from accounts.services import api_keys
from api.route import Route
from api.routers import ROUTES
from core.access import Role, scopes_for
from oauth.models import Connection
from tests import factories
from tests.api.conftest import key_of
from tests.cells import each
from tests.protocol.clients import McpClient, token_for
from tests.scenario import Scenario, counts, scenario_at
from tools import catalog
from tools.base import Tool

TWO_MEGABYTES = "x" * 2_000_000
DEEP = b'{"a":' * 5_000 + b"1" + b"}" * 5_000
LONG = b"9" * 4_000
# Left in a body's place by this text, which JSON keeps as it is.
HOLE = "put-it-here"
RAW_VALUES = {
    "deep": DEEP,
    "deep array": b"[" * 5_000 + b"]" * 5_000,
    "NUL": b'"a\\u0000"',
    "lone surrogate": b'"\\ud800"',
    "4,000 digits": LONG,
    "NaN": b"NaN",
    "1e999": b"1e999",
}


def wrong_values(name: str, schema: dict[str, Any]) -> Iterator[Any]:
    """Values that this property's schema refuses."""
    kind = schema.get("type")
    of_kind: dict[str, list[Any]] = {
        "integer": ["many", 10**15],
        "boolean": ["maybe"],
        "string": [5, "a\u0007b"],
        "array": ["no array"],
        "object": [[]],
    }
    yield from of_kind.get(str(kind), [])
    yield from (schema[limit] + step for limit, step in LIMITS.items() if limit in schema)
    if "maxLength" in schema:
        yield "a" * (schema["maxLength"] + 1)
    if "enum" in schema:
        yield "no_such_word"
    if name.startswith(("date_", "created_")) or name == "scheduled_time":
        yield from ("yesterday", "2026-11-31T10:00:00Z", "0001-01-01T00:00:00Z")


LIMITS = {"minimum": -1, "maximum": 1}


@pytest.fixture
def scenario(db: None, settings: Any) -> Scenario:
    settings.MCP_RATE_LIMIT = "100000/s"
    return scenario_at(factories.workspace())


@pytest.fixture
def app(scenario: Scenario) -> McpClient:
    """Alice's app, which may do everything."""
    connection = Connection.objects.create(
        workspace=scenario.team.place,
        user=scenario.team.alice.user,
        client_id="sample",
        redirect_host="app.example.test",
        scope=" ".join(factories.ALL_SCOPES),
        role_ceiling=Role.ADMIN,
    )
    return McpClient(token_for(connection))


def refused_by(app: McpClient, body: bytes) -> dict[str, Any]:
    """The error of a message that must be refused, below 500."""
    response = app.post(body)
    assert response.status_code < 500, response.content[:300]
    answer = response.json()
    if "error" in answer:
        return {"code": answer["error"]["code"]}
    assert answer["result"]["isError"], body[:600]
    error: dict[str, Any] = answer["result"]["structuredContent"]["error"]
    assert error["code"] in {"validation_failed", "not_found", "conflict"}, error
    return error


def message(tool: Tool, arguments: Any) -> bytes:
    params = {"name": tool.name, "arguments": arguments}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return json.dumps(body).encode()


@each("tool", catalog.all_tools().values(), ids=lambda tool: tool.name)
def test_a_tool_refuses_it_and_changes_nothing(
    app: McpClient, scenario: Scenario, tool: Tool
) -> None:
    example, properties = scenario.put(tool.examples[0]), tool.input_schema["properties"]
    hole = json.dumps(HOLE).encode()
    before = counts()

    for name, schema in properties.items():
        for value in wrong_values(name, schema):
            error = refused_by(app, message(tool, {**example, name: value}))
            assert str(error["field"]).split(".")[0] == name, (value, error)
    body = message(tool, {**example, next(iter(properties), "zz"): HOLE})
    for raw in RAW_VALUES.values():
        refused_by(app, body.replace(hole, raw))
    for known in [*properties][:1] or ["limit"]:
        error = refused_by(app, message(tool, {**example, f"{known}x": 1}))
        assert error["field"] == f"{known}x"
        assert error["valid_values"] == sorted(properties)
        assert not properties or error["did_you_mean"] in properties
    for root in ([example], "text"):
        refused_by(app, message(tool, root))
    doubled = message(tool, {**example, "zz": HOLE}).replace(b'"zz"', b'"zz": 1, "zz"')
    refused_by(app, doubled)
    assert app.post(message(tool, {**example, "zz": TWO_MEGABYTES})).status_code == 413

    assert counts() == before


class Caller:
    """A program with a key for one route."""

    def __init__(self, scenario: Scenario, route: Route) -> None:
        scopes = route.scopes[:1] or scopes_for(Role.ADMIN) - api_keys.DECIDING
        self.key = key_of(scenario.team.alice, *scopes, rate_limit="99999/s")
        self.route = route
        self.client = Client(headers={"host": "127.0.0.1"})

    def send(self, arguments: dict[str, Any]) -> Any:
        """A request with these arguments in the parts where the route reads them."""
        rest = {n: value for n, value in arguments.items() if n not in self.route.path_names}
        if self.route.in_query:
            return self.raw(arguments, b"", f"?{urlencode(rest, doseq=True)}")
        return self.raw(arguments, json.dumps(rest).encode())

    def raw(self, arguments: dict[str, Any], body: bytes, query: str = "", **facts: Any) -> Any:
        """A request with this body and query as they are."""
        inside = {n: quote(str(arguments[n]), safe="") for n in self.route.path_names}
        return self.client.generic(
            self.route.method,
            f"/v1{self.route.path.format(**inside)}{query}",
            body,
            content_type=facts.pop("content_type", "application/json"),
            headers={"authorization": f"Bearer {self.key}"},
        )


def error_of(answer: Any, status: int = 400) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert answer.status_code == status, (answer.status_code, body)
    assert body["status"] == "error"
    return body


@each("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_refuses_it_and_changes_nothing(scenario: Scenario, route: Route) -> None:
    caller, example = Caller(scenario, route), scenario.put(route.example)
    outside = {n: part for n, part in route.arguments.items() if n not in route.path_names}
    before = counts()

    for name, schema in outside.items():
        for value in wrong_values(name, schema):
            if route.in_query and not _says_wrong_in_a_query(value, schema):
                continue
            error = error_of(caller.send({**example, name: value}))
            assert error["details"][0]["field"].split(".")[0] == name, (value, error)
    for known in [*outside][:1]:
        error = error_of(caller.send({**example, f"{known}x": "1"}))
        assert error["details"][0]["field"] == f"{known}x"
        assert error["did_you_mean"] in route.arguments
    if route.in_query:
        for query in ("?a=%00", "?limit=%ff", f"?a={'9' * 4000}", "?" + "a=1&" * 2000):
            error_of(caller.raw(example, b"", query))
    else:
        _refuses_bodies(caller, example, route)

    assert counts() == before


def _says_wrong_in_a_query(value: Any, schema: dict[str, Any]) -> bool:
    """Whether it is wrong as text too: a query knows no types and no brackets."""
    if isinstance(value, list | dict) or schema.get("type") == "array":
        return False
    return not (schema.get("type") == "string" and not isinstance(value, str))


def _refuses_bodies(caller: Caller, example: dict[str, Any], route: Route) -> None:
    rest = {n: value for n, value in example.items() if n not in route.path_names}
    good = json.dumps({**rest, "zz": HOLE}).encode()
    for raw in RAW_VALUES.values():
        error_of(caller.raw(example, good.replace(json.dumps(HOLE).encode(), raw)))
    for root in (b"[]", b"null", b"{", b"\xff", DEEP):
        error_of(caller.raw(example, root))
    error_of(caller.raw(example, good.replace(b'"zz"', b'"zz": 1, "zz"')))
    large = json.dumps({**rest, "zz": TWO_MEGABYTES}).encode()
    error_of(caller.raw(example, large), 413)
    for content_type in ("text/plain", "application/x-www-form-urlencoded"):
        error_of(caller.raw(example, good, content_type=content_type), 415)
