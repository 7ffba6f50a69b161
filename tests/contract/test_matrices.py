"""Role x tool, scope x tool, role x route, scope x route: the answers match the declarations."""

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
from tests.cells import each
from tests.scenario import Scenario, scenario_at
from tools import catalog
from tools.base import Tool

NAMES = {"viewer": "vic", "member": "mia", "reviewer": "rex", "admin": "alice"}
REFUSED = {"insufficient_scope", "forbidden"}


@pytest.fixture
def scenario(db: None) -> Scenario:
    return scenario_at(factories.workspace())


def wanted(declared: Any, role: Role, scopes: frozenset[Scope]) -> str:
    """What the declaration says: "yes", or the code of the refusal; scopes are checked first."""
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


def of_tool(scenario: Scenario, tool: Tool, role: Role, scopes: frozenset[Scope]) -> str:
    """The answer to a call."""
    actor = factories.app(getattr(scenario.team, NAMES[role]), scopes)
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
    """The answer to a request."""
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


def own_scopes(declared: Any) -> tuple[Scope, ...]:
    """The scopes a tool or route requires."""
    return declared.all_scopes if isinstance(declared, Route) else declared.declared.scopes


def combinations(declared: Any) -> list[frozenset[Scope]]:
    """Exactly its scopes, each of them alone, and all but its own: all that can differ."""
    own = frozenset(own_scopes(declared))
    alone = [frozenset({scope}) for scope in own] if len(own) > 1 else []
    return [own, *alone, frozenset(Scope) - own]


def issuable(scopes: frozenset[Scope]) -> list[frozenset[Scope]]:
    """The scopes as keys may hold them: none both decides and acts."""
    if scopes & api_keys.DECIDING and scopes & api_keys.ACTING:
        return [scopes - api_keys.DECIDING, scopes - api_keys.ACTING]
    return [scopes]


def one_below(role: Role) -> Role | None:
    """The next lower role; none is below viewer."""
    ranked = sorted(Role, key=lambda r: len([o for o in Role if r.includes(o)]))
    place = ranked.index(role)
    return ranked[place - 1] if place else None


@each("role", list(Role))
def test_each_role_gets_the_tools_declared_for_it(scenario: Scenario, role: Role) -> None:
    scopes = scopes_for(role)
    tools = catalog.all_tools()

    answers = {name: of_tool(scenario, tool, role, scopes) for name, tool in tools.items()}

    assert table(answers) == table({n: wanted(t, role, scopes) for n, t in tools.items()})
    assert "yes" in answers.values()


@each("tool", catalog.all_tools().values(), ids=lambda tool: tool.name)
def test_a_tool_opens_by_its_scopes_and_by_no_others(scenario: Scenario, tool: Tool) -> None:
    for scopes in combinations(tool):
        expected = wanted(tool, Role.ADMIN, scopes)
        assert of_tool(scenario, tool, Role.ADMIN, scopes) == expected, sorted(scopes)


def label(route: Route) -> str:
    return f"{route.method} {route.path}"


@each("route", ROUTES, ids=label)
def test_a_route_opens_by_its_scopes_and_from_its_role_on(scenario: Scenario, route: Route) -> None:
    def answer(role: Role, scopes: frozenset[Scope]) -> str:
        member = getattr(scenario.team, NAMES[role])
        return of_route(route, key_of(member, *scopes, rate_limit="9999/s"))

    needed = frozenset(route.all_scopes)
    for held in {part for scopes in combinations(route) for part in issuable(scopes)}:
        assert answer(Role.ADMIN, held) == wanted(route, Role.ADMIN, held), sorted(held)
    for role in (route.declared.propose_role, one_below(route.declared.propose_role)):
        held = needed & scopes_for(role) if role else frozenset()
        if role and held:
            assert answer(role, held) == wanted(route, role, held), role


def test_every_scope_opens_something_or_is_still_to_come() -> None:
    opened = {scope for route in ROUTES for scope in route.all_scopes}
    opened |= {scope for tool in catalog.all_tools().values() for scope in tool.scopes}

    assert {s for s in SCOPE_RULES if s not in opened} <= {
        Scope.AGENTS_READ,
        Scope.AGENTS_WRITE,
        Scope.AGENTS_TRIGGER,
        Scope.AGENTS_APPROVE,
    }
