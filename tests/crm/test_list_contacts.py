"""Lists: each filter includes one and excludes one; search, order, pages and counts."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from core import clock
from core.errors import ValidationFailed
from crm.models import Company, Contact
from tests import factories
from tests.crm.conftest import Book

FILTERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # what is asked: what the one who is found has
    "status enriched": ({"status": "enriched"}, {"is_enriched": True}),
    "lifecycle_stage": ({"lifecycle_stage": "sql"}, {"lifecyclestage": "sql"}),
    "lead_status": ({"lead_status": "open"}, {"lead_status": "open"}),
    "country": ({"country": "germany"}, {"country": "Germany"}),
    "industry": ({"industry": "ROBOTS"}, {"industry": "Robots"}),
    "city": ({"city": "berlin"}, {"city": "Berlin"}),
    "state": ({"state": "bavaria"}, {"state": "Bavaria"}),
    "job_title": ({"job_title": "engineer"}, {"jobtitle": "Head Engineer"}),
    "has_linkedin": ({"has_linkedin": True}, {"linkedin_url": "https://linkedin.com/in/bo"}),
}


@pytest.mark.parametrize(("asked", "facts"), FILTERS.values(), ids=FILTERS)
def test_a_filter_finds_one_and_leaves_the_other(
    book: Book, asked: dict[str, Any], facts: dict[str, Any]
) -> None:
    factories.contact(book.place, "bo@umbrella.example", **facts)

    assert book.found(**asked) == ["bo"]
    assert book.ask("list", count_only=True, **asked) == {"count": 1}


def test_what_has_no_value_is_found_too(book: Book) -> None:
    facts = {"linkedin_url": "https://linkedin.com/in/bo", "is_enriched": True}
    factories.contact(book.place, "bo@umbrella.example", **facts)

    assert book.found(has_linkedin=False) == ["ana"]
    assert book.found(status="not_enriched") == ["ana"]


def test_only_the_people_of_a_company(book: Book) -> None:
    factories.contact(book.place, "bo@other.example")

    assert book.found(company_id=str(book.ana.company_id)) == ["ana"]
    assert book.found(company_id="co_nonsense") == []


def test_created_after_and_before_include_their_moments(book: Book) -> None:
    moment = clock.now() - timedelta(days=3)
    bo = factories.contact(book.place, "bo@umbrella.example")
    Contact.objects.filter(pk=bo.pk).update(created_at=moment)

    assert book.found(created_before=(moment - timedelta(microseconds=1)).isoformat()) == []
    assert book.found(created_before=moment.isoformat()) == ["bo"]
    assert set(book.found(created_after=moment.isoformat())) == {"ana", "bo"}
    assert book.found(created_after=(moment + timedelta(seconds=1)).isoformat()) == ["ana"]


def test_filters_are_combined(book: Book) -> None:
    factories.contact(book.place, "bo@umbrella.example", city="Berlin", country="Germany")
    factories.contact(book.place, "cy@umbrella.example", city="Berlin")

    assert book.found(city="Berlin", country="Germany") == ["bo"]


@pytest.mark.parametrize(
    "words",
    ["zoe", "ZOË", "Zoë Löwe", "lowe zoe", "zo low", "zoe@cafe", "cafe", "Café GmbH", "technik"],
)
def test_search_finds_words_in_any_order_with_or_without_accents(book: Book, words: str) -> None:
    cafe = factories.company(book.place, "Café")
    factories.contact(
        book.place,
        "zoe@cafe.example",
        name="Zoë Löwe",
        company=cafe,
        jobtitle="Leiterin Technik GmbH",
    )

    assert book.found(search=words) == ["zoe"]


@pytest.mark.parametrize("words", ["zoe", "%", "_", "ana %", "ana zoe", "' OR 1=1 --"])
def test_search_takes_no_pattern_and_needs_every_word(book: Book, words: str) -> None:
    assert book.found(search=words) == []


def test_what_is_deleted_is_not_listed(book: Book) -> None:
    Contact.objects.filter(pk=book.ana.pk).update(deleted_at=clock.now())

    assert book.found() == []
    assert book.ask("list", count_only=True) == {"count": 0}


@pytest.mark.parametrize("column", ["email", "firstname", "lastname", "company", "createdate"])
def test_both_directions_of_an_order_are_each_others_reverse(book: Book, column: str) -> None:
    for letter in "bc":
        factories.contact(
            book.place,
            f"{letter}@umbrella.example",
            name=f"{letter} {letter}",
            company=factories.company(book.place, letter),
        )

    up = book.found(sort_by=column, sort_dir="asc")

    assert sorted(up) == ["ana", "b", "c"]
    assert book.found(sort_by=column, sort_dir="desc") == up[::-1]
    if column == "email":
        assert up == ["ana", "b", "c"]


def test_equal_values_have_an_order_too_so_pages_miss_nobody(book: Book) -> None:
    for number in range(11):
        factories.contact(book.place, f"p{number}@umbrella.example", name="Same Name")

    pages = [book.found(sort_by="lastname", page=page, limit=5) for page in (1, 2, 3, 4)]

    assert [len(page) for page in pages] == [5, 5, 2, 0]
    assert len({name for page in pages for name in page}) == 12


def test_a_summary_is_small_and_a_full_row_is_not(book: Book) -> None:
    summary = book.ask("list", fields="summary")["contacts"][0]
    full = book.ask("list")["contacts"][0]

    assert summary == {
        "contact_id": str(book.ana.pk),
        "email": "ana@umbrella.example",
        "name": "Ana Ng",
        "company": "Umbrella",
        "source": "external",
    }
    assert full["properties"]["email"] == "ana@umbrella.example"
    assert full["company"]["domain"] == "umbrella.example"
    assert full["source"] == "external"
    assert full["_id"] == full["contact_id"]


def test_a_deleted_company_is_not_shown(book: Book) -> None:
    Company.objects.filter(pk=book.ana.company_id).update(deleted_at=clock.now())

    assert "company" not in book.ask("list")["contacts"][0]
    assert "company" not in book.ask("list", fields="summary")["contacts"][0]


@pytest.mark.parametrize("fields", [{}, {"fields": "summary"}])
def test_a_list_costs_the_same_queries_however_long(
    book: Book, django_assert_max_num_queries: DjangoAssertNumQueries, fields: dict[str, Any]
) -> None:
    for number in range(30):
        factories.contact(book.place, f"p{number}@umbrella.example", company=book.ana.company)

    with django_assert_max_num_queries(4) as captured:
        assert len(book.ask("list", limit=30, **fields)["contacts"]) == 30

    assert len([q for q in captured.captured_queries if "SELECT" in q["sql"]]) == 2


@pytest.mark.parametrize(
    ("data", "field", "meant"),
    [
        ({"lifecycle_stage": "custmer"}, "lifecycle_stage", "customer"),
        ({"lifecyclestage": "customer"}, "lifecyclestage", "lifecycle_stage"),
        ({"sort_by": "lastnam"}, "sort_by", "lastname"),
        ({"limit": 101}, "limit", None),
        ({"search": "a\nb"}, "search", None),
        ({"search": "a" * 121}, "search", None),
    ],
)
def test_a_wrong_argument_is_named(
    book: Book, data: dict[str, Any], field: str, meant: str | None
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        book.ask("list", **data)

    assert (refusal.value.field, refusal.value.did_you_mean) == (field, meant)


def test_another_workspace_sees_none_of_it(book: Book) -> None:
    assert book.found() == ["ana"]
    assert book.found(actor=book.foreign_admin) == []
    assert book.found(actor=book.foreign_admin, company_id=str(book.ana.company_id)) == []
    assert book.ask("list", actor=book.foreign_admin, count_only=True) == {"count": 0}
