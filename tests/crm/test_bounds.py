"""No record is so large that an answer about it outgrows what a model can read.

A default answer stays below 8,000 tokens and any answer below 20,000, a token being four
characters; what is cut says so. bench/bounds.py asks the same of a contact with 100,000 events and
a company with 10,000 contacts.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from core import clock, operations
from core.actor import Actor
from core.answer_size import cut_to, properties_within, shorten
from crm.models import Company, Contact, Event, Note
from tests import factories, kept
from tests.crm.team import Team, team

__all__ = ["team"]

# Its giants are stored once.
pytestmark = pytest.mark.xdist_group("bounds")

MANY = 120
DEFAULT_TOKENS, MOST_TOKENS = 8_000, 20_000
# Quotes and line breaks are two characters each in JSON.
TEXTS = {"plain": "long words ", "chinese": "你好吗", "escaped": '"\n'}


Giant = tuple[Team, Contact]


@pytest.fixture(scope="module")
def _giants(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Giant]]:
    def made() -> dict[str, Giant]:
        found = {}
        for name, text in TEXTS.items():
            team = Team.at(factories.workspace(name.title()))
            found[name] = team, stored(team, text)
        return found

    with kept.rows(django_db_blocker, made) as giants:
        yield giants


@pytest.fixture(params=TEXTS)
def giant(request: pytest.FixtureRequest, _giants: dict[str, Giant], db: None) -> Giant:
    """A workspace and a contact in it."""
    return _giants[request.param]


def stored(team: Team, text: str) -> Contact:
    """A contact of a company, everything about both as long and as many as can be stored."""
    long = (text * 4_096)[: 4_096 // len(text.encode()[:3])]
    many = {f"custom_{'x' * 50}_{number}": long for number in range(200)}
    # One as large as can be; a tenth of it outgrows every bound as well, and is stored faster.
    some = dict(list(many.items())[:20])
    umbrella = factories.company(team.place, properties=many, industry=text[:1] * 120)
    moment = clock.now()
    common = {"workspace": team.place, "created_at": moment, "updated_at": moment}
    names = {"firstname": "F" * 120, "lastname": "L" * 120, "jobtitle": "J" * 200}
    Contact.objects.bulk_create(
        Contact(
            email=f"{'m' * 50}{n}@x.example",
            company=umbrella,
            properties=some if n else many,
            **names | common,
        )
        for n in range(MANY)
    )
    Company.objects.bulk_create(
        Company(domain=f"{'d' * 200}{n}.example", name="N" * 200, properties=some, **common)
        for n in range(MANY)
    )
    ana = Contact.objects.get(workspace=team.place, email=f"{'m' * 50}0@x.example")
    for holder in ({"contact": ana}, {"company": umbrella}):
        Note.objects.bulk_create(
            Note(content=(text * 20_000)[:20_000], source="person", **holder, **common)
            for _ in range(MANY)
        )
    Event.objects.bulk_create(
        Event(
            workspace=team.place,
            contact=ana,
            company=umbrella,
            event=f"{n:064}",
            timestamp=moment - timedelta(minutes=n),
            source="test",
            created_at=moment,
            title=(text * 300)[:300],
            **dict.fromkeys(("url", "referrer"), (f"https://x.example/{text}" * 200)[:2000]),
            **dict.fromkeys(("path",), (text * 1000)[:1000]),
            **dict.fromkeys(("utm_source", "utm_medium", "utm_campaign"), (text * 120)[:120]),
        )
        for n in range(MANY * 2)
    )
    return ana


def asked(ana: Contact) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every read of contacts, companies, notes and events, by a name of its own."""
    contact, company = {"contact_id": str(ana.pk)}, {"company_id": str(ana.company_id)}
    event = {"event_id": str(Event.objects.filter(contact=ana)[0].pk)}
    colleagues = Contact.objects.filter(workspace=ana.workspace)
    people = [str(pk) for pk in colleagues.values_list("pk", flat=True)[:25]]
    return {
        "get_contact": ("crm.contact.get", contact),
        "list_contact_notes": ("crm.contact.note.list", contact),
        "get_company": ("crm.company.get", company),
        "list_company_notes": ("crm.company.note.list", company),
        "list_contacts": ("crm.contact.list", {}),
        "list_companies": ("crm.company.list", {}),
        "list_events": ("crm.event.list", contact),
        "get_event": ("crm.event.get", event),
        "get_event_types": ("crm.event.types", {}),
        "get_event_stats": ("crm.event.stats", {**contact, "interval": "hour"}),
        "batch_get_activity": ("crm.activity.batch", {"contact_ids": people}),
        "aggregate_data": ("crm.aggregate", {"entity": "events", "group_by": ["event", "path"]}),
    }


def most(name: str, data: dict[str, Any]) -> dict[str, Any] | None:
    """The same question asked for as much as may be asked, or None where nothing is to choose."""
    by_operation = {"crm.aggregate": {"limit": 200}, "crm.activity.batch": {"events_limit": 20}}
    has_limit = name.endswith(".list")
    more = by_operation.get(name, {"limit": 100} if has_limit else None)
    return None if more is None else {**data, **more}


def tokens(actor: Actor, name: str, data: dict[str, Any]) -> int:
    answer = operations.submit(actor, operations.get(name), data)
    return len(json.dumps(answer, ensure_ascii=False, separators=(",", ":"))) // 4


def test_no_answer_outgrows_its_bound(giant: Giant) -> None:
    team, ana = giant
    questions = asked(ana).values()

    usual = {name: tokens(team.claude, name, data) for name, data in questions}
    largest = {
        name: tokens(team.claude, name, more)
        for name, data in questions
        if (more := most(name, data)) is not None
    }

    assert {name: size for name, size in usual.items() if size >= DEFAULT_TOKENS} == {}
    assert {name: size for name, size in largest.items() if size >= MOST_TOKENS} == {}


def test_what_is_cut_says_so_and_how_to_get_it(giant: Giant) -> None:
    team, ana = giant

    def answer(name: str, **data: Any) -> dict[str, Any]:
        return operations.submit(team.claude, operations.get(name), data)

    page = answer("crm.contact.list")
    company = answer("crm.company.get", company_id=str(ana.company_id))
    notes = answer("crm.contact.note.list", contact_id=str(ana.pk))

    assert (page["truncated"], page["omitted"]) == (True, 20 - len(page["contacts"]))
    assert "smaller limit" in page["hint"]
    assert page["contacts"][0]["cut_properties"] > 0
    assert company["total_contacts"] == MANY
    assert company["omitted"] == MANY - len(company["contacts"])
    assert notes["notes"][0]["truncated"] is True
    assert "smaller limit" in notes["hint"]
    one = answer("crm.contact.note.list", contact_id=str(ana.pk), limit=1)["notes"][0]
    assert len(one["content"]) > 10_000


def test_a_record_of_usual_size_is_whole(team: Team) -> None:
    ana = factories.contact(team.place, properties={"plan": "pro", "about": "x" * 1500})
    factories.note(ana, "word " * 1_000)

    row = operations.submit(team.claude, operations.get("crm.contact.list"), {})["contacts"][0]
    notes = operations.submit(
        team.claude, operations.get("crm.contact.note.list"), {"contact_id": str(ana.pk)}
    )

    assert row["properties"]["about"] == "x" * 1500
    assert "cut_properties" not in row
    assert notes["notes"][0]["content"] == "word " * 1_000
    assert "hint" not in notes


def test_cutting_keeps_the_beginning() -> None:
    assert shorten("short") == "short"
    assert shorten("x" * 201) == "x" * 199 + "…"
    assert len(json.dumps(cut_to("\n" * 500, 100), ensure_ascii=False)) <= 100
    assert properties_within({"a": 1, "b": "x" * 400}, 200) == ({"a": 1, "b": "xxxxxx…"}, 1)
