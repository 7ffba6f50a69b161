"""Many contacts or companies in one call."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from core.access import Scope
from core.errors import InsufficientScope, ValidationFailed
from core.ids import new_id
from crm.models import Company, Contact
from tests import factories
from tests.crm.team import Team, ask, team

__all__ = ["team"]

KINDS = ("contacts", "companies")
each_kind = pytest.mark.parametrize("kind", KINDS)


def details(team: Team, kind: str, *ids: object, **data: Any) -> dict[str, Any]:
    wanted = [str(one) for one in ids]
    return ask(team.claude, "crm.details.batch", entity_type=kind, ids=wanted, **data)


def make(team: Team, kind: str, number: int, **facts: Any) -> Contact | Company:
    if kind == "companies":
        return factories.company(team.place, f"Firm{number}", **facts)
    firm = Company.objects.filter(workspace=team.place).first() or factories.company(team.place)
    return factories.contact(team.place, f"p{number}@firm.example", company=firm, **facts)


def key(kind: str) -> str:
    return "contact_id" if kind == "contacts" else "company_id"


@each_kind
def test_records_come_whole_in_the_order_asked_for(team: Team, kind: str) -> None:
    first = make(team, kind, 1, properties={"shoe_size": 38})
    second = make(team, kind, 2)

    answer = details(team, kind, second.pk, first.pk, second.pk)

    assert (answer["entity_type"], answer["count"]) == (kind, 2)
    assert [row[key(kind)] for row in answer[kind]] == [second.pk, first.pk]
    assert answer[kind][1]["properties"]["shoe_size"] == 38
    one = ask(team.claude, f"crm.{key(kind)[:-3]}.get", **{key(kind): str(first.pk)})
    assert answer[kind][1] == one[key(kind)[:-3]]
    assert answer.keys() == {"entity_type", "count", kind}


@each_kind
def test_unknown_foreign_deleted_and_malformed_ids_are_left_out(team: Team, kind: str) -> None:
    known, gone = make(team, kind, 1), make(team, kind, 2, deleted_at=clock.now())
    gil = team.admin_elsewhere()
    prefix = key(kind)[:2] if kind == "companies" else "ct"

    answer = details(team, kind, known.pk, gone.pk, new_id(prefix), "nonsense")

    assert [row[key(kind)] for row in answer[kind]] == [known.pk]
    assert ask(gil, "crm.details.batch", entity_type=kind, ids=[str(known.pk)]) == {
        "entity_type": kind,
        "count": 0,
        kind: [],
    }


@each_kind
def test_the_number_of_queries_does_not_grow_with_the_ids(team: Team, kind: str) -> None:
    ids = [make(team, kind, number).pk for number in range(25)]

    with CaptureQueriesContext(connection) as one:
        details(team, kind, ids[0])
    with CaptureQueriesContext(connection) as all_of_them:
        details(team, kind, *ids)

    assert len(one) == len(all_of_them) <= 3


@each_kind
def test_the_read_scope_of_the_entity_is_needed_and_no_other(team: Team, kind: str) -> None:
    needed = Scope.CONTACTS_READ if kind == "contacts" else Scope.COMPANIES_READ
    row = make(team, kind, 1)
    wanted = {"entity_type": kind, "ids": [str(row.pk)]}

    without = replace(team.claude, scopes=frozenset(Scope) - {needed})
    with pytest.raises(InsufficientScope, match=needed):
        ask(without, "crm.details.batch", **wanted)
    only = replace(team.claude, scopes=frozenset({needed}))
    assert ask(only, "crm.details.batch", **wanted)["count"] == 1


@each_kind
def test_what_does_not_fit_is_left_out_and_said(team: Team, kind: str) -> None:
    ids = [
        make(team, kind, number, properties={f"note_{n}": "x" * 1000 for n in range(4)}).pk
        for number in range(25)
    ]

    answer = details(team, kind, *ids)

    assert len(str(answer)) < 32_000
    assert answer["truncated"] is True
    assert answer["count"] + answer["omitted"] == 25
    assert [row[key(kind)] for row in answer[kind]] == ids[: answer["count"]]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("ids", {"ids": []}),
        ("ids", {"ids": ["ct_1"] * 26}),
        ("ids.0", {"ids": [None]}),
        ("ids", {"ids": "ct_1"}),
        ("entity_type", {"entity_type": "events"}),
        ("fields", {"fields": "summary"}),
    ],
)
def test_bad_input_is_refused(team: Team, field: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        ask(
            team.claude,
            "crm.details.batch",
            **{"entity_type": "contacts", "ids": ["ct_1"], **wrong},
        )
    assert refusal.value.field == field
