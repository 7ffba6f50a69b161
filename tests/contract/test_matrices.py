"""Role x tool, scope x tool, role x route, scope x route: what is declared is what is answered."""

from typing import Any

import pytest
from django.test import Client

from accounts.services import api_keys
from api.route import Route
from api.routers import ROUTES
from core.access import SCOPE_RULES, Role, Scope, scopes_for
from core.errors import AppError
from tests import factories
from tests.api.conftest import key_of
from tests.world import World, world_at
from tools import catalog
from tools.base import Tool

NAMES = {"viewer": "vic", "member": "mia", "reviewer": "rex", "admin": "alice"}
REFUSED = {"insufficient_scope", "forbidden"}


@pytest.fixture
def world(db: None) -> World:
    return world_at(factories.workspace())


def wanted(declared: Any, role: Role, scopes: frozenset[Scope]) -> str:
    """What the declaration says: "yes", or the code of the refusal; scope speaks first."""
    op = getattr(declared, "declared", declared)
    if isinstance(declared, Route):
        own, one, also = declared.all_scopes, declared.needs_one_scope, ()
        also = () if declared.scopes else op.also
    else:
        own, one, also = op.scopes, op.any_scope, op.also
    held = [scope in scopes for scope in own]
    enough = any(held) if one and own else all(held)
    if not (enough or (not isinstance(declared, Route) and scopes & set(also))):
        return "insufficient_scope"
    return "yes" if role.includes(op.propose_role) else "forbidden"


def of_tool(world: World, tool: Tool, role: Role, scopes: frozenset[Scope]) -> str:
    """What calling it answers."""
    actor = factories.app(getattr(world.office, NAMES[role]), scopes)
    if tool.declared.any_scope and tool.is_visible_to(actor):
        return "yes"  # what one of its scopes covers is the function's own matter
    try:
        tool.call(actor, tool.examples[0])  # its ids do not exist
    except AppError as refusal:
        answer = refusal.code if refusal.code in REFUSED else "yes"
    else:
        answer = "yes"
    assert tool.is_visible_to(actor) is (answer == "yes"), tool.name
    return answer


def of_route(route: Route, key: str) -> str:
    """What sending it answers."""
    path = route.path.replace("{", "").replace("}", "")  # an id that does not exist
    answer = Client(headers={"host": "127.0.0.1"}).generic(
        route.method,
        f"/v1{path}",
        "" if route.in_query else "{}",
        content_type="application/json",
        headers={"authorization": f"Bearer {key}"},
    )
    code = answer.json().get("code", "")
    assert (answer.status_code == 403) is (code in REFUSED), answer.json()
    return code if code in REFUSED else "yes"


def table(rows: dict[str, str]) -> str:
    """A matrix as lines, for the difference a failure prints."""
    return "\n".join(f"{answer:<20}{name}" for name, answer in sorted(rows.items()))


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_the_tools_declared_for_it(world: World, role: Role) -> None:
    scopes = scopes_for(role)
    tools = catalog.all_tools()

    answers = {name: of_tool(world, tool, role, scopes) for name, tool in tools.items()}

    assert table(answers) == table({n: wanted(t, role, scopes) for n, t in tools.items()})
    assert "yes" in answers.values()


@pytest.mark.parametrize("scope", list(Scope))
def test_each_scope_alone_opens_the_tools_declared_for_it(world: World, scope: Scope) -> None:
    tools, only = catalog.all_tools(), frozenset({scope})

    answers = {name: of_tool(world, tool, Role.ADMIN, only) for name, tool in tools.items()}

    assert table(answers) == table({n: wanted(t, Role.ADMIN, only) for n, t in tools.items()})


def label(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_the_routes_declared_for_it(world: World, role: Role) -> None:
    answers, expected = {}, {}
    for deciding in (False, True):
        scopes = scopes_for(role) - (api_keys.ACTING if deciding else api_keys.DECIDING)
        member = getattr(world.office, NAMES[role])
        key = key_of(member, *scopes, rate_limit="9999/s")
        for route in ROUTES:
            answers[f"{label(route)} {deciding}"] = of_route(route, key)
            expected[f"{label(route)} {deciding}"] = wanted(route, role, scopes)

    assert table(answers) == table(expected)


@pytest.mark.parametrize("scope", list(Scope))
def test_each_scope_alone_opens_the_routes_declared_for_it(world: World, scope: Scope) -> None:
    key = key_of(world.office.alice, scope, rate_limit="9999/s")

    answers = {label(route): of_route(route, key) for route in ROUTES}

    expected = {label(route): wanted(route, Role.ADMIN, frozenset({scope})) for route in ROUTES}
    assert table(answers) == table(expected)


def test_every_scope_opens_something_or_is_still_to_come() -> None:
    opened = {scope for route in ROUTES for scope in route.all_scopes}
    opened |= {scope for tool in catalog.all_tools().values() for scope in tool.scopes}

    assert {s for s in SCOPE_RULES if s not in opened} <= {
        Scope.AGENTS_READ,
        Scope.AGENTS_WRITE,
        Scope.AGENTS_TRIGGER,
        Scope.AGENTS_APPROVE,
    }
