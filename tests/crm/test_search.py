"""Search finds contacts and companies by part of a field, in any spelling."""

from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from core import ddl, operations
from crm.models import Company, Contact
from crm.queries.search import ALMOST
from crm.search import MAX_WORDS, fold, index_of, words_of
from tests import factories
from tests.cells import each
from tests.crm.conftest import Book

PEOPLE: dict[str, tuple[str, str, str, str]] = {
    # who: name, e-mail, company, job title
    "ng": ("Ana Ng", "ana.ng@acme.example", "Acme", "Head of Sales"),
    "muller": ("Jörg Müller", "j.muller@werk.example", "Werk", "Geschäftsführer"),
    "mueller": ("Eva Mueller", "eva@mueller-bau.example", "Mueller-Bau", "CTO"),
    "obrien": ("Sean O'Brien", "sobrien@fleet.example", "Fleet", "VP, Operations"),
    "maria": ("Ana-Maria Díaz", "amd@norte.example", "Norte", "Directora"),
    "soren": ("Søren Strauß", "soren@lys.example", "Lys", "Data Scientist"),
    "lukasz": ("Łukasz Wąs", "l.was@wilk.example", "Wilk", "R&D"),
    "tanaka": ("田中 花子", "hanako@sora.example", "Sora", "部長"),
    "oleg": ("Олег Петров", "oleg@nord.example", "Nord", "Директор"),
}
FOUND: dict[str, list[str]] = {
    # part of each, any order, double spaces, signs between
    "ana ng acme": ["ng"],
    "ng, ana": ["ng"],
    "  ng   ana ": ["ng"],
    "acme head": ["ng"],
    "ead of sal": ["ng"],
    "ana.ng": ["ng"],
    "ana.ng@acme.example": ["ng"],
    "@acme": ["ng"],
    "Ana Ng <ana.ng@acme.example>": ["ng"],
    "ANA NG – Acme": ["ng"],
    "ana": ["maria", "ng", "tanaka"],  # hanako, too
    "g@a": ["ng"],
    # umlauts in three spellings, for every stored spelling
    "müller": ["mueller", "muller"],
    "mueller": ["mueller", "muller"],
    "muller": ["mueller", "muller"],
    "MUELLER-BAU": ["mueller"],
    "geschaeftsfuehrer": ["muller"],
    "joerg": ["muller"],
    "jorg muell": ["muller"],
    # hyphens, dots, apostrophes
    "o'brien": ["obrien"],
    "obrien": ["obrien"],
    "o brien": ["obrien"],
    "O’Brien": ["obrien"],
    "brien sean": ["obrien"],
    "ana-maria": ["maria"],
    "ana maria": ["maria"],
    "anamaria": ["maria"],
    "maria-ana": ["maria"],
    "mueller bau": ["mueller"],
    "muellerbau": ["mueller"],
    "vp operations": ["obrien"],
    "r&d": ["lukasz"],
    # accents and special characters
    "diaz": ["maria"],
    "soren strauss": ["soren"],
    "Søren": ["soren"],
    "soeren": ["soren"],
    "strauß": ["soren"],
    "lukasz was": ["lukasz"],
    "花子": ["tanaka"],
    "田": ["tanaka"],
    "петров": ["oleg"],
    "ОЛЕГ": ["oleg"],
    # nothing: every word must be there, and no sign is a pattern
    "ana petrova": [],
    "%": [],
    "a_a": [],
    'ana" OR "oleg': [],
    "NEAR(ana oleg)": [],
    "ana*": [],
    "joe": [],
    "-": ["maria", "mueller"],
}
ALMOST_FOUND: dict[str, list[str]] = {
    "mueler": ["mueller", "muller"],  # a character is missing, or e for l
    "mulller": ["mueller", "muller"],  # one too many
    "mulker": ["mueller", "muller"],  # a wrong one
    "mulelr": ["mueller", "muller"],  # two in turns
    "sceintist": ["soren"],
    "umller": ["mueller", "muller"],
    "strausz": ["soren"],
    "ana salse": ["ng"],
    "петрев": ["oleg"],
}
NOT_FOUND = ["anb", "olge", "mulxxr", "xxana", "sx12345", "a" * 100, "petrowa ann"]


@pytest.fixture
def people(book: Book) -> Book:
    Contact.objects.all().delete()
    Company.objects.all().delete()
    for name, email, firm, title in PEOPLE.values():
        company = factories.company(book.place, firm)
        facts = {"name": name, "jobtitle": title, "company": company}
        factories.contact(book.place, email, **facts)
    return book


def who(book: Book, **asked: Any) -> list[str]:
    by_email = {email: name for name, (_, email, _, _) in PEOPLE.items()}
    page = book.ask("list", fields="summary", **asked)["contacts"]
    return sorted(by_email[row["email"]] for row in page)


@each(("typed", "found"), FOUND.items())
def test_what_is_typed_finds(people: Book, typed: str, found: list[str]) -> None:
    answer = people.ask("list", search=typed)

    assert who(people, search=typed) == found
    assert "hint" not in answer


@each(("typed", "found"), ALMOST_FOUND.items())
def test_a_typo_finds_where_nothing_else_does_and_the_answer_says_so(
    people: Book, typed: str, found: list[str]
) -> None:
    assert who(people, search=typed) == found
    assert people.ask("list", search=typed)["hint"] == ALMOST
    count = people.ask("list", search=typed, count_only=True)
    assert count == {"count": len(found), "hint": ALMOST}


@each("typed", NOT_FOUND)
def test_more_than_a_typo_finds_nobody(people: Book, typed: str) -> None:
    assert people.ask("list", search=typed, fields="summary") == {
        "contacts": [],
        "pagination": {"page": 1, "limit": 20, "total_pages": 0, "total_items": 0},
    }
    assert people.ask("list", search=typed, count_only=True) == {"count": 0}


def test_no_typo_is_looked_for_where_another_filter_left_nobody(people: Book) -> None:
    factories.contact(people.place, "sales@fleet.example", name="Malles", country="Chile")

    assert people.ask("list", search="salles", country="Peru")["contacts"] == []
    assert people.ask("list", search="sales", country="Peru")["contacts"] == []
    assert "hint" not in people.ask("list", search="sales", country="Peru")


def test_a_long_question_counts_its_first_words(people: Book) -> None:
    assert who(people, search="ana ng " * (MAX_WORDS // 2) + "nobody") == ["ng"]


@each(
    ("typed", "found"),
    [
        ("werk", ["werk.example"]),
        ("mueller bau", ["mueller-bau.example"]),
        ("müller", ["mueller-bau.example"]),
        ("leet.exam", ["fleet.example"]),
        ("robot", ["fleet.example"]),
        ("robtos", ["fleet.example"]),
        ("nothing", []),
    ],
)
def test_companies_are_found_alike(people: Book, typed: str, found: list[str]) -> None:
    fleet = Company.objects.filter(name="Fleet")
    fleet.update(industry="Robots", search_text=index_of("Fleet", "fleet.example", "Robots"))
    Company.objects.filter(name="Mueller-Bau").update(
        domain="mueller-bau.example", search_text=index_of("Mueller-Bau", "mueller-bau.example")
    )
    op = operations.get("crm.company.list")

    answer = operations.submit(people.reviewer, op, {"search": typed})

    assert [row["properties"]["domain"] for row in answer["companies"]] == found


def test_another_workspace_is_never_found_exactly_or_almost(people: Book) -> None:
    assert people.ask("list", people.foreign_admin, search="müller")["contacts"] == []
    assert people.ask("list", people.foreign_admin, search="mulelr")["contacts"] == []
    assert who(people, search="müller") != []


def test_a_changed_and_an_erased_name_are_found_as_they_are_now(people: Book) -> None:
    ng = Contact.objects.get(email="ana.ng@acme.example")

    people.ask("update", contact_id=str(ng.pk), properties={"lastname": "Okafor"})

    assert who(people, search="okafor") == ["ng"]
    assert "hint" not in people.ask("list", search="okafor")
    assert who(people, search="ana ng head") == ["ng"]  # still in the address
    Contact.objects.filter(firstname="Eva").delete()
    assert who(people, search="mueller") == ["muller"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL indexes the column itself")
def test_the_index_catches_up_with_what_its_triggers_missed(people: Book) -> None:
    with connection.cursor() as cursor:
        for guard in ddl.declared(connection):
            if "_search_on_" in guard.name:
                cursor.execute(guard.sql[0])
    Contact.objects.filter(firstname="Eva").delete()
    Contact.objects.filter(lastname="Ng").update(search_text=index_of("Zora"))
    factories.contact(people.place, "yuki@late.example", name="Yuki Late")

    assert who(people, search="zora") == []  # the index does not know it: the triggers matter
    ddl.apply()

    assert who(people, search="zora") == ["ng"]
    assert who(people, search="müller") == ["muller"]
    assert people.found(search="yuki") == ["yuki"]
    with connection.cursor() as cursor:
        for table in ("crm_contact", "crm_company"):
            check = f"INSERT INTO {table}_fts ({table}_fts) VALUES ('integrity-check')"  # noqa: S608
            cursor.execute(check)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has its own index")
def test_postgresql_can_use_its_index(people: Book) -> None:
    rows = Contact.objects.filter(search_text__contains="muller")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")

    assert "crm_contact_search" in rows.explain()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has its own index")
def test_a_database_that_refuses_the_extension_is_searched_by_its_rows(people: Book) -> None:
    migration = import_module("crm.migrations.0050_search_index")
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_trgm CASCADE")
        cursor.execute("CREATE ROLE without_create_on_the_database")
        cursor.execute("SET LOCAL ROLE without_create_on_the_database")
        with connection.schema_editor() as editor:
            migration.index_on_postgres(editor)
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        assert cursor.fetchone() is None
        cursor.execute("SELECT 1 FROM pg_class WHERE relname = 'crm_contact_search'")
        assert cursor.fetchone() is None

    assert who(people, search="jorg muell") == ["muller"]
    assert who(people, search="ead of sal") == ["ng"]
    assert who(people, search="directorra") == ["maria"]  # a typo


def test_the_words_of_a_row_are_there_as_written_and_as_typed() -> None:
    assert index_of("Zoë O'Brien", "zoe@mueller.example") == (
        " zoe o'brien zoe@mueller.example o brien obrien mueller example muller"
    )
    assert index_of("", "") == ""
    assert fold("ÅSE  Œuvre", "İzmir") == "ase oeuvre izmir"


def test_the_patterns_of_a_typo_hold_no_pattern_of_the_asker() -> None:
    [word] = words_of("a%b_cdef")

    assert word.nearly == ()
    assert len(words_of("a" * 20)[0].nearly) < 100
    assert words_of("a" * 21)[0].nearly == ()
