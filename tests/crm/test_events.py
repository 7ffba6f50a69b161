"""Lists of events, and one event."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from core.access import Scope
from core.errors import InsufficientScope, NotFound, ValidationFailed
from core.ids import new_id
from crm.models import Event
from tests import factories
from tests.crm.happenings import Place, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Place:
    return place()


def names(answer: dict[str, Any]) -> list[str]:
    return [event["event"] for event in answer["events"]]


def test_a_list_shows_the_newest_first_and_says_how_many_there_are(acme: Place) -> None:
    for number in range(3):
        acme.happens(f"step_{number}", at=f"2026-11-20T10:0{number}:00")

    answer = acme.ask("event.list", limit=2)

    assert names(answer) == ["step_2", "step_1"]
    assert answer["pagination"] == {"page": 1, "limit": 2, "total_pages": 2, "total_items": 3}
    assert names(acme.ask("event.list", limit=2, page=2)) == ["step_0"]
    assert names(acme.ask("event.list", page=9)) == []


@pytest.mark.parametrize(
    "narrowed",
    [
        {"event_type": "form_submit"},
        {"domain": "ACME.example"},
        {"url_contains": "/Pricing"},
        {"search": "plans"},
        {"search": "form_sub"},
        {"identified_only": True},
        {"date_after": "2026-11-20"},
        {"date_after": "2026-11-20T10:00:00Z", "date_before": "2026-11-20T10:00:00Z"},
        {"date_after": "2026-11-20T11:00:00+01:00"},
    ],
)
def test_each_filter_leaves_the_events_it_names(acme: Place, narrowed: dict[str, Any]) -> None:
    acme.happens("page_view", at="2026-11-19T23:59:59", url="https://other.example/")
    acme.happens(
        "form_submit",
        at="2026-11-20T10:00:00",
        contact=acme.ana,
        domain="acme.example",
        url="https://acme.example/pricing",
        title="Our plans",
    )

    assert names(acme.ask("event.list", **narrowed)) == ["form_submit"]
    assert acme.ask("event.list", count_only=True, **narrowed) == {"count": 1}


def test_a_contact_or_company_narrows_the_list(acme: Place) -> None:
    umbrella = factories.company(acme.place)
    acme.happens("hers", contact=acme.ana, company=umbrella)
    acme.happens("nobodys")

    assert names(acme.ask("event.list", contact_id=str(acme.ana.pk))) == ["hers"]
    assert names(acme.ask("event.list", company_id=str(umbrella.pk))) == ["hers"]


def test_bots_are_left_out_unless_asked_for(acme: Place) -> None:
    acme.happens("page_view", is_bot=True)

    assert acme.ask("event.list", count_only=True) == {"count": 0}
    assert acme.ask("event.list")["events"] == []
    shown = acme.ask("event.list", include_bots=True)
    assert shown["events"][0]["is_bot"] is True
    assert shown["pagination"]["total_items"] == 1


def test_a_date_alone_means_the_whole_day_in_the_workspaces_time_zone() -> None:
    delhi = place("Delhi", time_zone="Asia/Kolkata")
    delhi.happens("before", at="2026-11-19T18:29:59")
    delhi.happens("first", at="2026-11-19T18:30:00")
    delhi.happens("last", at="2026-11-20T18:29:59.999999")
    delhi.happens("after", at="2026-11-20T18:30:00")

    day = delhi.ask("event.list", date_after="2026-11-20", date_before="2026-11-20")

    assert names(day) == ["last", "first"]
    assert day["pagination"]["total_items"] == 2


def test_sorting_by_name_or_by_when_it_was_stored(acme: Place) -> None:
    acme.happens("b", at="2026-11-20T10:00:00", created_at=clock.now())
    acme.happens("a", at="2026-11-20T11:00:00", created_at=clock.now() - timedelta(days=1))

    assert names(acme.ask("event.list", sort_by="event", sort_dir="asc")) == ["a", "b"]
    assert names(acme.ask("event.list", sort_by="createdAt")) == ["b", "a"]


def test_a_summary_row_is_short(acme: Place) -> None:
    event = acme.happens(contact=acme.ana, url="https://acme.example/")

    row = acme.ask("event.list", fields="summary")["events"][0]

    assert row == {
        "event_id": str(event.pk),
        "event": "page_view",
        "timestamp": row["timestamp"],
        "url": "https://acme.example/",
        "contact_id": str(acme.ana.pk),
        "source": "external",
    }


def test_a_page_of_long_rows_is_cut_and_says_so(acme: Place) -> None:
    long = {"url": "https://a.example/" + "x" * 900, "path": "/" + "x" * 900, "title": "t" * 300}
    long |= {"utm_source": "ü" * 120, "utm_medium": "ü" * 120, "utm_campaign": "ü" * 120}
    moment = clock.now()
    Event.objects.bulk_create(
        Event(
            workspace=acme.place,
            event="page_view",
            timestamp=moment,
            source="test",
            created_at=moment,
            **long,
        )
        for _ in range(100)
    )

    answer = acme.ask("event.list", limit=100)

    assert answer["truncated"] is True
    assert len(answer["events"]) + answer["omitted"] == 100
    assert len(str(answer)) < 80_000
    assert "hint" in answer


def test_one_event_has_everything_that_was_recorded(acme: Place) -> None:
    url = "https://acme.example/" + "x" * 900
    event = acme.happens(
        contact=acme.ana, url=url, referrer="https://search.example/?q=1", data={"form_id": "demo"}
    )

    shown = acme.ask("event.get", event_id=str(event.pk))["event"]

    assert shown["_id"] == shown["event_id"] == str(event.pk)
    assert shown["url"] == url
    assert shown["referrer"] == "https://search.example/?q=1"
    assert shown["data"] == {"form_id": "demo"}
    assert shown["source"] == "external"


def test_an_event_stored_a_month_after_it_happened_is_shown_as_late(acme: Place) -> None:
    late = acme.happens(at=clock.now() - timedelta(days=31))
    prompt = acme.happens()

    assert acme.ask("event.get", event_id=str(late.pk))["event"]["late"] is True
    assert "late" not in acme.ask("event.get", event_id=str(prompt.pk))["event"]


def test_the_events_of_a_deleted_contact_no_longer_name_them(acme: Place) -> None:
    event = acme.happens(contact=acme.ana)
    acme.ana.deleted_at = clock.now()
    acme.ana.save()

    assert "contact_id" not in acme.ask("event.get", event_id=str(event.pk))["event"]
    assert acme.ask("event.list", contact_id=str(acme.ana.pk))["events"] == []


def test_foreign_missing_and_malformed_ids_are_the_same_answer(acme: Place) -> None:
    globex = place("Globex")
    foreign = globex.happens(contact=globex.ana)
    assert globex.ask("event.get", event_id=str(foreign.pk))["event"]

    refusals = []
    for event_id in (str(foreign.pk), new_id("evt"), "evt_nonsense", "ct_1", ""):
        with pytest.raises(NotFound) as refusal:
            acme.ask("event.get", event_id=event_id)
        refusals.append(refusal.value.as_dict())
    assert all(refusal == refusals[0] for refusal in refusals)
    for contact_id in (str(globex.ana.pk), new_id("ct"), "nonsense"):
        assert acme.ask("event.list", contact_id=contact_id)["events"] == []


def test_another_workspaces_events_are_never_counted(acme: Place) -> None:
    globex = place("Globex")
    globex.happens()
    globex.refresh()
    globex.happens()

    assert globex.ask("event.list", count_only=True) == {"count": 2}
    assert acme.ask("event.list", count_only=True) == {"count": 0}
    assert acme.ask("event.types")["event_types"] == []


def test_the_scope_is_needed(acme: Place) -> None:
    app = factories.app(acme.mia, scopes=frozenset({Scope.CONTACTS_READ}))
    for name in ("event.list", "event.types", "event.stats"):
        with pytest.raises(InsufficientScope, match="events:read"):
            acme.ask(name, actor=app)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"page": 0}, "page"),
        ({"limit": 101}, "limit"),
        ({"date_after": "yesterday"}, "date_after"),
        ({"date_after": "0001-01-01T00:00:00+14:00"}, "date_after"),
        ({"date_before": "9999-12-31"}, "date_before"),
        ({"search": "a\x00b"}, "search"),
        ({"search": "\ud800"}, "search"),
        ({"url_contains": "x" * 121}, "url_contains"),
        ({"event_typ": "page_view"}, "event_typ"),
        ({"sort_by": "name"}, "sort_by"),
        ({"date_after": int("9" * 400)}, "date_after"),
    ],
)
def test_bad_input_is_named(acme: Place, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        acme.ask("event.list", **wrong)
    assert refusal.value.field == field


def test_an_unknown_argument_is_told_the_nearest_one(acme: Place) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        acme.ask("event.list", event_typ="page_view")
    assert refusal.value.did_you_mean == "event_type"


def test_a_list_asks_the_database_as_often_for_a_hundred_rows_as_for_one(acme: Place) -> None:
    umbrella = factories.company(acme.place)
    acme.happens(contact=acme.ana, company=umbrella)
    with CaptureQueriesContext(connection) as one:
        acme.ask("event.list", limit=100)
    for _ in range(30):
        acme.happens(contact=acme.ana, company=umbrella)
    with CaptureQueriesContext(connection) as many:
        acme.ask("event.list", limit=100)

    assert len(many) == len(one) <= 6


def test_times_are_answered_in_utc(acme: Place) -> None:
    acme.happens(at=datetime(2026, 11, 20, 10, tzinfo=UTC))

    assert acme.ask("event.list")["events"][0]["timestamp"] == "2026-11-20T10:00:00Z"
