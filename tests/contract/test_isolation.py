"""Every id parameter of a tool or route: a foreign id is answered like one that never existed."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.services import api_keys
from api.route import Route
from api.routers import ROUTES
from core import operations
from core.access import Role, scopes_for
from core.errors import AppError
from core.operations import Request
from tests import factories
from tests.api.conftest import key_of
from tests.cells import each
from tests.scenario import NOT_OURS, PREFIXES, Scenario, masked, scenario_at
from tools import catalog
from tools.base import Tool

MISSING = "01jd0000000000000000000000"
MALFORMED = "nonsense"


def ids_of(properties: dict[str, Any]) -> list[str]:
    """The parameters with the product's ids; new ones need a prefix in tests/scenario.py."""
    named = [n for n in properties if n.endswith(("_id", "_ids")) or n in PREFIXES]
    unknown = set(named) - PREFIXES.keys() - NOT_OURS
    assert not unknown, f"give tests/scenario.py a prefix and a row for {sorted(unknown)}"
    return [name for name in named if name in PREFIXES]


TOOLS = [
    pytest.param(tool, name, id=f"{tool.name}-{name}")
    for tool in catalog.all_tools().values()
    for name in ids_of(tool.input_schema["properties"])
]
PLACES = [
    pytest.param(route, name, id=f"{route.method} {route.path}-{name}")
    for route in ROUTES
    for name in ids_of(route.arguments)
]


@pytest.fixture
def here(db: None) -> Scenario:
    return scenario_at(factories.workspace())


@pytest.fixture
def there(db: None) -> Scenario:
    return scenario_at(factories.workspace("Globex"))


def variants(name: str, schema: dict[str, Any], there: Scenario) -> tuple[Any, Any, Any]:
    """A foreign id, one that never existed and an invalid one, in the parameter's form."""
    prefix = PREFIXES[name]
    wrap: Callable[[str], Any]
    wrap = (lambda text: [text]) if schema.get("type") == "array" else str
    foreign = there.note_of_company if prefix == "note" else there.ids[prefix]
    return wrap(foreign), wrap(f"{prefix}_{MISSING}"), wrap(MALFORMED)


def of_tool(tool: Tool, scenario: Scenario, arguments: dict[str, Any]) -> Any:
    """The answer or the refusal, as JSON."""
    try:
        return tool.call(scenario.actor, arguments)
    except AppError as refusal:
        return refusal.as_dict()


@each(("tool", "name"), TOOLS)
def test_a_tool_answers_a_foreign_id_like_a_missing_one(
    here: Scenario, there: Scenario, tool: Tool, name: str
) -> None:
    schema = tool.input_schema["properties"][name]
    example = here.put(telling(tool.operation, tool.examples[0], name, here))
    own = {**example, name: own_id(here, name, schema, example)}
    foreign, missing, malformed = variants(name, schema, there)

    first = masked(of_tool(tool, here, {**own, name: missing}))

    assert masked(of_tool(tool, here, {**own, name: foreign})) == first
    assert masked(of_tool(tool, here, {**own, name: malformed})) == first
    # One's own is something else: the comparison above can fail.
    assert masked(of_tool(tool, here, own)) != first


def own_id(scenario: Scenario, name: str, schema: dict[str, Any], example: dict[str, Any]) -> Any:
    """An id of the actor's own workspace for a parameter."""
    prefix = PREFIXES[name]
    of_company = prefix == "note" and "company_id" in example
    found = scenario.note_of_company if of_company else scenario.ids[prefix]
    if name == "replaces":  # only a draft of one's own that waits
        found = scenario.team.draft_change(scenario.actor, state="Bern")["action_id"]
    return [found] if schema.get("type") == "array" else found


def sending(here: Scenario) -> Callable[[Route, dict[str, Any]], Any]:
    """Sends a request to a route with a key of Alice that may do all its scopes allow."""
    keys: dict[tuple[Any, ...], str] = {}

    def request(route: Route, arguments: dict[str, Any]) -> Any:
        if route.all_scopes not in keys:
            scopes = route.scopes[:1] or scopes_for(Role.ADMIN) - api_keys.DECIDING
            keys[route.all_scopes] = key_of(here.team.alice, *scopes, rate_limit="9999/s")
        inside = {name: arguments[name] for name in route.path_names}
        rest = {name: value for name, value in arguments.items() if name not in inside}
        path = f"/v1{route.path.format(**inside)}"
        query = f"?{urlencode(rest, doseq=True)}" if route.in_query and rest else ""
        answer = Client(headers={"host": "127.0.0.1"}).generic(
            route.method,
            path + query,
            "" if route.in_query else json.dumps(rest),
            content_type="application/json",
            headers={"authorization": f"Bearer {keys[route.all_scopes]}"},
        )
        return {"http": answer.status_code, **answer.json()}

    return request


@each(("route", "name"), PLACES)
def test_a_route_answers_a_foreign_id_like_a_missing_one(
    here: Scenario, there: Scenario, route: Route, name: str
) -> None:
    send, schema = sending(here), route.arguments[name]
    example = here.put(telling(route.operation, route.example, name, here))
    own = {**example, name: own_id(here, name, schema, example)}
    foreign, missing, malformed = variants(name, schema, there)

    first = masked(send(route, {**own, name: missing}))

    assert masked(send(route, {**own, name: foreign})) == first
    assert masked(send(route, {**own, name: malformed})) == first
    assert masked(send(route, own)) != first


def test_an_operation_nobody_offers_keeps_workspaces_apart(here: Scenario, there: Scenario) -> None:
    """Restoring and reverting have neither tool nor route: only undo and pages call them."""
    offered = {route.operation for route in ROUTES}
    offered |= {tool.operation for tool in catalog.all_tools().values()}
    admin = factories.person(here.team.alice)
    tried = []
    for op in operations.all_operations():
        ids = [name for name in op.schema.model_fields if name in PREFIXES]
        if op.name in offered or not ids or not op.name.startswith(("crm.", "identities.")):
            continue
        arguments = {name: there.ids[PREFIXES[name]] for name in ids}
        absent = {name: f"{PREFIXES[name]}_{MISSING}" for name in ids}
        assert refusal(admin, op, arguments) == refusal(admin, op, absent), op.name
        tried.append(op.name)
    assert "crm.contact.restore" in tried


def telling(
    operation: str, example: dict[str, Any], name: str, scenario: Scenario
) -> dict[str, Any]:
    """An example in which the parameter matters: a sender only does where something is sent."""
    message = {"params": {"contact_id": f"ct_{MISSING}", "subject": "Hello", "body": "Hi!"}}
    if name == "identity_id" and operation == "approvals.action.create":
        return {"type": "email_message", **message}
    if name == "identity_id" and operation == "approvals.action.edit":
        return {"action_id": scenario.letter, **message}
    if operation == "crm.segment.preview":
        return {"filter": {"segment_id": f"seg_{MISSING}"}}  # in a circle with itself
    return example


def refusal(actor: Any, op: Any, data: dict[str, Any]) -> str:
    """What the operation answers, masked."""
    try:
        return masked(operations.submit(actor, op, data, Request()))
    except AppError as error:
        return masked(error.as_dict())
