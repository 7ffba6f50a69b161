"""The arguments of a route, where they are read from, and the errors for unknown ones."""

from typing import Any

from api.route import Route
from api.routers import ROUTES
from core import schemas
from crm.models import Contact
from tests.api.conftest import Calling
from tests.cells import each
from tests.team import Team


@each(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("page=0", "page"),
        ("page=1e3", "page"),
        ("page=%D9%A1", "page"),
        ("page=1&page=2", "page"),
        ("limitt=5", "limitt"),
        ("created_after=yesterday", "created_after"),
        ("lifecycle_stage=ledd", "lifecycle_stage"),
        ("search=%00", "search"),
        ("count_only=maybe", "count_only"),
    ],
)
def test_a_wrong_query_names_its_argument(
    team: Team, calling: Calling, query: str, field: str
) -> None:
    answer = calling(team.mia)("get", f"/contacts?{query}")

    body = answer.json()
    assert answer.status_code == 400
    assert body["details"][0]["field"] == field
    assert body["code"] == "validation_failed"


def test_an_unknown_argument_comes_with_the_nearest_known_one(team: Team, calling: Calling) -> None:
    body = calling(team.mia)("get", "/contacts?limitt=5").json()

    assert body["did_you_mean"] == "limit"
    assert "search" in body["valid_values"]


def test_the_idempotency_key_belongs_into_the_header(team: Team, calling: Calling) -> None:
    path = f"/contacts/{team.ana.pk}/notes"

    body = calling(team.mia)("post", path, {"content": "Hi", "idempotency_key": "1"}).json()

    assert body["hint"] == "Send it in the Idempotency-Key header."


@each("extra", [{"contact_id": "ct_1"}, {"tone": "rude"}])
def test_a_body_holds_neither_the_path_s_ids_nor_unknown_names(
    team: Team, calling: Calling, extra: dict[str, Any]
) -> None:
    body = {"properties": {"jobtitle": "CTO"}, **extra}

    answer = calling(team.rex)("put", f"/contacts/{team.ana.pk}", body)

    assert answer.status_code == 400
    assert answer.json()["details"][0]["field"] == next(iter(extra))
    assert Contact.objects.get(pk=team.ana.pk).jobtitle == ""


def test_a_route_with_a_body_takes_nothing_from_the_query(team: Team, calling: Calling) -> None:
    answer = calling(team.rex)(
        "put",
        f"/contacts/{team.ana.pk}?dry_run=true",
        {"properties": {"jobtitle": "CTO"}},
    )

    assert answer.status_code == 400
    assert Contact.objects.get(pk=team.ana.pk).jobtitle == ""


def test_hundreds_of_query_parameters_are_refused(team: Team, calling: Calling) -> None:
    query = "&".join(f"a{number}=1" for number in range(600))

    assert calling(team.mia)("get", f"/contacts?{query}").status_code == 400


@each("route", ROUTES, ids=[f"{r.method} {r.path}" for r in ROUTES])
def test_every_example_is_valid_and_every_path_id_an_argument(route: Route) -> None:
    words = {**route._controls.model_fields, **(route.beside.model_fields if route.beside else {})}
    own = {
        route.renamed.get(name, name): value
        for name, value in route.example.items()
        if name not in words
    }

    schemas.validated(route.declared.schema, own)
    inside = {route.renamed.get(name, name) for name in route.path_names}
    assert inside <= set(route.declared.schema.model_fields)


@each(
    ("moment", "status"),
    [
        ("2026-11-20T09:30:00-23:58", 200),  # above PostgreSQL's limit for an offset
        ("2026-11-20T09:30:00%2B15:00", 200),
        ("2026-11-20T09:30:00", 200),
        ("2026-11-20", 200),
        ("0001-01-01T00:00:00%2B14:00", 400),
        ("9999-12-31T23:59:59-14:00", 400),
    ],
)
@each("place", ["/contacts?created_before", "/actions?created_after", "/events?date_after"])
def test_a_moment_is_one_that_both_databases_keep(
    team: Team, calling: Calling, place: str, moment: str, status: int
) -> None:
    assert calling(team.mia)("get", f"{place}={moment}").status_code == status
