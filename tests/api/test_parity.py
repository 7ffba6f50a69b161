"""A tool and its REST twin: the same arguments, the same resource, the same refusals."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from api.route import Route
from api.routers import ROUTES
from core import operations
from core.access import Scope
from core.errors import AppError
from core.operations import Request
from crm.models import Company, Event, Note
from tests import factories
from tests.api.conftest import Caller, Calling
from tests.cells import each
from tests.team import Team
from tools import catalog
from tools.base import Tool

# Shows cards to a person in chat; on REST the pages and GET /v1/actions do.
ONLY_IN_CHAT = {"review_pending_actions"}
ROUTE_OF = {route.operation: route for route in reversed(ROUTES)}
PAIRS = [
    pytest.param(tool, ROUTE_OF[tool.operation], id=tool.name)
    for tool in catalog.all_tools().values()
    if tool.operation in ROUTE_OF
]
READS = [pair for pair in PAIRS if pair.values[0].declared.read_only]  # type: ignore[union-attr]
GATED = [pair for pair in PAIRS if "dry_run" in pair.values[1].arguments]  # type: ignore[union-attr]
NAMING = [pair for pair in PAIRS if pair.values[1].path_names]  # type: ignore[union-attr]

Real = Callable[[Any], Any]


def send(caller: Caller, route: Route, arguments: dict[str, Any]) -> Any:
    """The request these arguments of a tool make."""
    words = {name: word for word, name in route.renamed.items()}
    named = {words.get(name, name): value for name, value in arguments.items()}
    arguments = {**{name: route.example[name] for name in route.path_names}, **named}
    inside = {name: arguments[name] for name in route.path_names}
    rest = {name: value for name, value in arguments.items() if name not in inside}
    path = route.path.format(**inside)
    if not route.in_query:
        return caller(route.method, path, rest)
    spelled = {True: "true", False: "false"}
    query = {
        name: spelled[value] if isinstance(value, bool) else value for name, value in rest.items()
    }
    return caller(route.method, f"{path}?{urlencode(query, doseq=True)}")


def bare(value: Any) -> Any:
    """The value without the REST suffix `_id`, the time of an answer and the polling hint."""
    if isinstance(value, dict):
        own = {"_id", "checked_at", "poll_with"}
        return {name: bare(part) for name, part in value.items() if name not in own}
    return [bare(part) for part in value] if isinstance(value, list) else value


@pytest.fixture
def real(team: Team) -> Real:
    """Puts ids of things that exist in the place of an example's."""
    company = factories.company(team.place, "Initech")
    team.ana.company = company
    team.ana.save()
    event = factories.event(team.ana)
    notes = {
        noun: Note.objects.create(
            workspace=team.place,
            content="A note",
            source="person",
            author_name="Alice",
            created_at=event.created_at,
            updated_at=event.created_at,
            **{noun: target},
        )
        for noun, target in (("contact", team.ana), ("company", company))
    }
    waiting = operations.submit(
        factories.app(team.alice),
        operations.get("crm.contact.update"),
        {"contact_id": str(team.ana.pk), "properties": {"city": "Bilbao"}},
        Request(),
    )
    agent = factories.agent(team.place, team.alice, identity=team.mailer)
    ended = {"status": "completed", "finished_at": event.created_at}
    ids = {
        "ag": agent.pk,
        "run": factories.run(agent, **ended).pk,
        "ct": team.ana.pk,
        "co": company.pk,
        "evt": event.pk,
        "act": waiting["action_id"],
        "id": team.mailer.pk,
        "seg": factories.segment(team.place, members=[team.ana]).pk,
        "job": factories.linkedin_login(factories.person(team.alice), team.mailer).job_id,
    }

    def put(value: Any) -> Any:
        if isinstance(value, dict):
            note = notes["company" if "company_id" in value else "contact"]
            made = {name: put(part) for name, part in value.items()}
            return {**made, "note_id": str(note.pk)} if "note_id" in value else made
        if isinstance(value, list):
            return [put(part) for part in value]
        prefix, _, rest = value.partition("_01jd") if isinstance(value, str) else ("", "", "")
        return str(ids[prefix]) if rest and prefix in ids else value

    return put


def test_every_tool_has_a_twin() -> None:
    lonely = {tool.name for tool in catalog.all_tools().values() if tool.operation not in ROUTE_OF}

    assert lonely == ONLY_IN_CHAT


def test_no_two_routes_stand_at_the_same_place() -> None:
    places = [(route.method, route.path) for route in ROUTES]

    assert len(places) == len(set(places))


@each(("tool", "route"), PAIRS)
def test_both_take_the_same_arguments(tool: Tool, route: Route) -> None:
    offered = dict(tool.input_schema["properties"])
    offered.pop("idempotency_key", None)  # the header Idempotency-Key on REST
    # A path may name what the job already stores, and no tool has a password argument.
    beyond = {*route.beside.model_fields} if route.beside else set()
    beyond |= set(route.path_names) - offered.keys() - route.renamed.keys()
    own = {
        route.renamed.get(name, name): part
        for name, part in route.arguments.items()
        if name not in CONTROLS | beyond
    }

    assert {name: part for name, part in offered.items() if name not in CONTROLS} == own
    assert offered.keys() & CONTROLS == route.arguments.keys() & CONTROLS
    wanted = set(tool.input_schema.get("required", []))
    inside = {route.renamed.get(name, name) for name in route.path_names}
    assert wanted == set(route.required) | (inside & wanted)


CONTROLS = {"require_approval", "dry_run"}


@each(("tool", "route"), READS)
def test_both_read_the_same(
    tool: Tool, route: Route, team: Team, calling: Calling, real: Real
) -> None:
    alice = factories.app(team.alice, frozenset(Scope))
    caller = calling(team.alice)

    for example in tool.examples:
        arguments = real(example)
        path = {name: real(route.example)[name] for name in route.path_names}
        answer = send(caller, route, {**path, **arguments})
        assert answer.status_code == 200, answer.json()
        body = answer.json()
        assert body.pop("status") == "success"
        told = bare(tool.call(alice, arguments))
        assert bare(body) == {("outcome" if k == "status" else k): v for k, v in told.items()}


@each(("tool", "route"), GATED)
def test_both_would_wait_for_the_same_reason(
    tool: Tool, route: Route, team: Team, calling: Calling, real: Real
) -> None:
    mia = factories.app(team.mia, frozenset(Scope))
    arguments = {**real(tool.examples[0]), "dry_run": True, "require_approval": True}

    answer = send(calling(team.mia), route, arguments).json()

    told = tool.call(mia, arguments)
    assert answer["outcome"] == told["status"] == "would_queue"


def test_both_make_the_same_note(team: Team, calling: Calling, real: Real) -> None:
    for noun, target in (("contact", "ct"), ("company", "co")):
        tool = catalog.all_tools()[f"create_{noun}_note"]
        arguments = real({f"{noun}_id": f"{target}_01jd", "content": "The same"}) | {
            f"{noun}_id": str(team.ana.pk if noun == "contact" else Company.objects.get().pk)
        }

        made = tool.call(factories.app(team.mia), arguments)["result"]["note"]
        body = send(calling(team.mia), ROUTE_OF[tool.operation], arguments).json()["note"]

        assert body.keys() - {"_id"} == made.keys() - {"_id"}
        assert body["content"] == made["content"]


def refusals(tool: Tool, actor: Any, arguments: dict[str, Any]) -> tuple[str, str | None]:
    """The code and the field of what the tool refuses."""
    with pytest.raises(AppError) as refusal:
        tool.call(actor, arguments)
    return refusal.value.code, refusal.value.field


@each(("tool", "route"), PAIRS)
def test_both_refuse_the_same_by_code_and_field(
    tool: Tool, route: Route, team: Team, calling: Calling, real: Real
) -> None:
    alice = factories.app(team.alice, frozenset(Scope))
    caller = calling(team.alice)
    if route.scopes:  # other than the operation's own: the decisions
        caller = calling(team.alice, *route.scopes)
    example = real(tool.examples[0])
    wrong = [{**example, "nonsense": 1}]
    wrong += [
        {name: value for name, value in example.items() if name != missing}
        for missing in tool.input_schema.get("required", [])
        if missing not in {route.renamed.get(name, name) for name in route.path_names}
    ]
    wrong += [
        {**example, name: part["maximum"] + 1}
        for name, part in tool.input_schema["properties"].items()
        if "maximum" in part
    ]

    for arguments in wrong:
        body = send(caller, route, arguments).json()
        fields = [detail["field"] for detail in body["details"]] or [None]
        assert (body["code"], fields[0]) == refusals(tool, alice, arguments)


@each(("tool", "route"), NAMING)
def test_both_know_nothing_of_ids_that_do_not_exist(
    tool: Tool, route: Route, team: Team, calling: Calling
) -> None:
    answer = send(calling(team.alice, *route.scopes), route, tool.examples[0])

    assert answer.status_code == 404
    expected = refusals(tool, factories.app(team.alice, frozenset(Scope)), tool.examples[0])
    assert answer.json()["code"] == expected[0] == "not_found"


def test_the_event_of_a_contact_is_there_for_who_reads_contacts(
    team: Team, calling: Calling
) -> None:
    event, foreign = factories.event(team.ana), factories.event(team.bob)
    nobody = Event.objects.create(
        workspace=team.place,
        event="page_view",
        timestamp=event.timestamp,
        source="test",
        created_at=event.created_at,
    )
    caller = calling(team.vic, Scope.CONTACTS_READ)

    listed = caller("get", f"/contacts/{team.ana.pk}/events").json()

    assert [row["event_id"] for row in listed["events"]] == [event.pk]
    assert caller("get", f"/contacts/events/{event.pk}").status_code == 200
    for other in (foreign, nobody):
        assert caller("get", f"/contacts/events/{other.pk}").status_code == 404
    assert caller("get", f"/contacts/{team.bob.pk}/events").status_code == 404
    assert caller("get", f"/events/{event.pk}").status_code == 403
