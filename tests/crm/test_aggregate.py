"""Group-by over contacts, companies and events."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from core.access import Scope
from core.errors import InsufficientScope, ValidationFailed
from crm.models import Segment, SegmentMember
from tests import factories
from tests.crm.happenings import Place, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Place:
    return place()


def table(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The groups as tuples of their values and number."""
    return [(*group["key"].values(), group["value"]) for group in answer["groups"]]


def some_visits(acme: Place) -> None:
    acme.happens("page_view", at="2026-11-20T10:00:00", path="/", contact=acme.ana, browser="Edge")
    acme.happens("page_view", at="2026-11-20T11:00:00", path="/pricing", contact=acme.ana)
    acme.happens("page_view", at="2026-11-21T10:00:00", path="/pricing")
    acme.happens("form_submit", at="2026-11-21T10:00:00", path="/pricing", contact=acme.ana)
    acme.happens("page_view", at="2026-11-21T10:00:00", path="/", is_bot=True)


@pytest.mark.parametrize("is_fresh", [True, False])
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"group_by": ["event"]}, [("page_view", 3), ("form_submit", 1)]),
        ({"group_by": ["path"]}, [("/pricing", 3), ("/", 1)]),
        ({"group_by": ["is_bot"]}, [(False, 4), (True, 1)]),
        ({"group_by": ["day"]}, [("2026-11-21", 2), ("2026-11-20", 2)]),
        ({"group_by": ["day"], "sort": "key"}, [("2026-11-20", 2), ("2026-11-21", 2)]),
        (
            {"group_by": ["month", "event"]},
            [("2026-11", "page_view", 3), ("2026-11", "form_submit", 1)],
        ),
        ({"group_by": ["browser"]}, [("", 3), ("Edge", 1)]),
        (
            {"group_by": ["event"], "interval": "day", "sort": "key"},
            [
                ("form_submit", "2026-11-21", 1),
                ("page_view", "2026-11-20", 2),
                ("page_view", "2026-11-21", 1),
            ],
        ),
        (
            {"group_by": ["path", "day"], "sort": "-value"},
            [("/pricing", "2026-11-21", 2), ("/", "2026-11-20", 1), ("/pricing", "2026-11-20", 1)],
        ),
        ({"group_by": ["path"], "metric": "unique_contacts"}, [("/", 1), ("/pricing", 1)]),
        ({"group_by": ["event"], "filters": {"event_type": "form_submit"}}, [("form_submit", 1)]),
        (
            {"group_by": ["event"], "filters": {"include_bots": True}},
            [("page_view", 4), ("form_submit", 1)],
        ),
        (
            {"group_by": ["event"], "filters": {"date_after": "2026-11-21"}},
            [("form_submit", 1), ("page_view", 1)],
        ),
        ({"group_by": ["event"], "filters": {"url_contains": "nowhere"}}, []),
    ],
)
def test_events_by_one_or_two_fields(
    acme: Place, asked: dict[str, Any], expected: list[tuple[Any, ...]], is_fresh: bool
) -> None:
    some_visits(acme)
    if is_fresh:
        acme.refresh()

    answer = acme.ask("aggregate", entity="events", **asked)

    if asked["group_by"] == ["month", "event"]:
        # The same month: largest key first.
        assert sorted(table(answer)) == sorted(expected)
    else:
        assert table(answer) == expected
    if asked.get("metric") is None:
        assert answer["total"] == sum(row[-1] for row in expected)


def test_the_total_of_a_unique_number_is_no_sum(acme: Place) -> None:
    some_visits(acme)

    answer = acme.ask("aggregate", entity="events", group_by=["path"], metric="unique_contacts")

    assert [group["value"] for group in answer["groups"]] == [1, 1]
    assert answer["total"] == 1


@pytest.mark.parametrize("field", ["event", "path"])
def test_what_is_not_shown_is_one_row_beside_the_total(acme: Place, field: str) -> None:
    for number in range(5):
        for _ in range(number + 1):
            acme.happens(f"name_{number}", path=f"/{number}", at="2026-11-20T10:00:00")

    answer = acme.ask("aggregate", entity="events", group_by=[field], limit=2)

    assert [group["value"] for group in answer["groups"]] == [5, 4]
    assert answer["other"] == {"groups": 3, "value": 6}
    assert answer["total"] == 15
    assert (answer["truncated"], answer["omitted"]) == (True, 3)


def test_the_rollup_and_the_rows_give_the_same_answer(acme: Place) -> None:
    some_visits(acme)
    by_rows: dict[str, Any] = {"entity": "events", "group_by": ["event"], "interval": "hour"}
    expected = acme.ask("aggregate", **by_rows, filters={"url_contains": ""})
    acme.refresh()

    with CaptureQueriesContext(connection) as queries:
        found = acme.ask("aggregate", **by_rows)

    assert found == expected
    assert not any('FROM "crm_event"' in query["sql"] for query in queries)


def test_contacts_by_stage_country_company_and_month(acme: Place) -> None:
    umbrella = factories.company(acme.place)
    facts = {"lifecyclestage": "lead", "country": "Chile", "company": umbrella}
    factories.contact(acme.place, "a@umbrella.example", **facts)
    factories.contact(acme.place, "b@umbrella.example", **facts)
    factories.contact(acme.place, "gone@umbrella.example", **facts, deleted_at=clock.now())

    def ask(**asked: Any) -> list[tuple[Any, ...]]:
        return table(acme.ask("aggregate", entity="contacts", **asked))

    assert ask(group_by=["lifecycle_stage", "country"]) == [("lead", "Chile", 2), ("", "", 1)]
    assert ask(group_by=["company"]) == [(str(umbrella.pk), 2), ("", 1)]
    assert ask(group_by=["country"], metric="unique_companies") == [("Chile", 1), ("", 0)]
    assert ask(group_by=["country"], filters={"country": "chile"}) == [("Chile", 2)]
    assert ask(group_by=["created_month"]) == [(f"{clock.now():%Y-%m}", 3)]
    assert ask(group_by=["creation_source"], interval="day") == [
        ("test", f"{clock.now():%Y-%m-%d}", 3)
    ]


def test_a_contact_in_two_segments_counts_in_both_and_once_in_the_total(acme: Place) -> None:
    for name in ("Hot", "Warm"):
        segment = Segment.objects.create(
            workspace=acme.place,
            name=name,
            filter={},
            created_at=clock.now(),
            updated_at=clock.now(),
        )
        SegmentMember.objects.create(workspace=acme.place, segment=segment, contact=acme.ana)
    factories.contact(acme.place, "b@umbrella.example")

    answer = acme.ask("aggregate", entity="contacts", group_by=["segment"])

    assert table(answer) == [("", 1), ("Hot", 1), ("Warm", 1)]
    assert answer["total"] == 2


def test_companies_by_size(acme: Place) -> None:
    for name, size in (("A", 10), ("B", 11), ("C", 50), ("D", None), ("E", 20_000)):
        company = factories.company(acme.place, name)
        company.employee_count = size
        company.save()
    factories.contact(acme.place, "x@a.example", company=company)

    def ask(**asked: Any) -> list[tuple[Any, ...]]:
        answer = acme.ask("aggregate", entity="companies", group_by=["employee_range"], **asked)
        return table(answer)

    assert ask() == [("11-50", 2), ("", 1), ("1-10", 1), ("10001+", 1)]
    assert ask(metric="unique_contacts", limit=1) == [("10001+", 1)]


def test_a_deleted_contact_is_no_group_of_its_own(acme: Place) -> None:
    acme.happens(contact=acme.ana)
    assert table(acme.ask("aggregate", entity="events", group_by=["contact"])) == [
        (str(acme.ana.pk), 1)
    ]

    acme.ana.deleted_at = clock.now()
    acme.ana.save()

    assert table(acme.ask("aggregate", entity="events", group_by=["contact"])) == [("", 1)]


def test_another_workspaces_rows_are_in_no_group(acme: Place) -> None:
    globex = place("Globex")
    some_visits(globex)
    assert globex.ask("aggregate", entity="events", group_by=["path"])["total"] == 4

    for field in ("path", "event"):
        assert acme.ask("aggregate", entity="events", group_by=[field])["total"] == 0


@pytest.mark.parametrize(
    ("entity", "wrong", "meant"),
    [
        ("events", "browsr", "browser"),
        ("contacts", "lifecyclestage", "lifecycle_stage"),
        ("companies", "employees_range", "employee_range"),
    ],
)
def test_an_unknown_field_is_told_the_valid_ones_and_the_nearest(
    acme: Place, entity: str, wrong: str, meant: str
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        acme.ask("aggregate", entity=entity, group_by=[wrong])

    assert refusal.value.field == "group_by"
    assert meant in (refusal.value.valid_values or [])
    assert refusal.value.did_you_mean == meant


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"group_by": []}, "group_by"),
        ({"group_by": ["event", "path", "os"]}, "group_by"),
        ({"group_by": ["event", "event"]}, "group_by"),
        ({"group_by": ["event"], "limit": 201}, "limit"),
        ({"group_by": ["event"], "entity": "people"}, "entity"),
        ({"group_by": ["event"], "filters": {"browserr": "x"}}, "filters.browserr"),
        ({"group_by": ["event"], "filters": {"date_after": "soon"}}, "filters.date_after"),
        ({"group_by": ["event"], "filters": {"page": 2}}, "filters.page"),
        ({"group_by": ["path"], "filters": {"search": "\x00"}}, "filters.search"),
    ],
)
def test_bad_input_is_named(acme: Place, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        acme.ask("aggregate", **{"entity": "events", **wrong})
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("entity", "field", "scope"),
    [
        ("contacts", "country", Scope.CONTACTS_READ),
        ("companies", "country", Scope.COMPANIES_READ),
        ("events", "event", Scope.EVENTS_READ),
    ],
)
def test_each_entity_needs_its_own_scope(
    acme: Place, entity: str, field: str, scope: Scope
) -> None:
    with_it = factories.app(acme.mia, scopes=frozenset({scope}))
    without = factories.app(acme.mia, scopes=frozenset(Scope) - {scope})

    assert acme.ask("aggregate", actor=with_it, entity=entity, group_by=[field])
    with pytest.raises(InsufficientScope, match=scope):
        acme.ask("aggregate", actor=without, entity=entity, group_by=[field])


def test_the_longest_answer_stays_within_its_bound(acme: Place) -> None:
    for number in range(200):
        acme.happens(path=f"/{number}" + "x" * 900, domain="d" * 250, utm_source="ü" * 120)

    answer = acme.ask("aggregate", entity="events", group_by=["path", "domain"], limit=200)

    assert len(answer["groups"]) == 200
    assert len(str(answer)) < 80_000
