"""Names, totals and series of events."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import ValidationFailed
from tests import factories
from tests.crm.happenings import Place, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Place:
    return place()


@pytest.mark.parametrize("is_fresh", [True, False])
def test_names_come_with_counts_and_when_they_were_seen(acme: Place, is_fresh: bool) -> None:
    acme.happens("page_view", at="2026-11-20T10:00:01")
    acme.happens("form_submit", at="2026-11-20T10:00:02")
    acme.happens("page_view", at="2026-11-21T10:07:03")
    acme.happens("crawled", at="2026-11-21T10:07:04", is_bot=True)
    if is_fresh:
        acme.refresh()

    assert acme.ask("event.types")["event_types"] == [
        {
            "event": "page_view",
            "count": 2,
            "first_seen": "2026-11-20T10:00:01Z",
            "last_seen": "2026-11-21T10:07:03Z",
            "source": "external",
        },
        {
            "event": "form_submit",
            "count": 1,
            "first_seen": "2026-11-20T10:00:02Z",
            "last_seen": "2026-11-20T10:00:02Z",
            "source": "external",
        },
    ]


def test_names_can_be_narrowed_to_a_time_inside_a_bucket(acme: Place) -> None:
    acme.happens("page_view", at="2026-11-20T10:01:00")
    acme.happens("page_view", at="2026-11-20T10:03:00")
    acme.refresh()

    (found,) = acme.ask("event.types", date_after="2026-11-20T10:02:00Z")["event_types"]

    assert (found["count"], found["first_seen"]) == (1, "2026-11-20T10:03:00Z")


def test_a_name_that_came_after_the_last_refresh_is_listed(acme: Place) -> None:
    acme.happens("old", at="2026-11-20T10:00:00")
    acme.refresh()
    acme.happens("new", at="2026-11-21T10:00:00")

    found = {row["event"]: row["last_seen"] for row in acme.ask("event.types")["event_types"]}

    assert found == {"new": "2026-11-21T10:00:00Z", "old": "2026-11-20T10:00:00Z"}


def test_names_take_the_same_number_of_queries_however_many_there_are(acme: Place) -> None:
    acme.happens("one")
    acme.refresh()
    with CaptureQueriesContext(connection) as few:
        acme.ask("event.types")
    for number in range(40):
        acme.happens(f"name_{number}", at=f"2026-11-20T10:{number:02}:00")
    acme.refresh()
    with CaptureQueriesContext(connection) as many:
        answer = acme.ask("event.types")

    assert len(answer["event_types"]) == 41
    assert len(many) == len(few)


def test_stats_count_events_people_and_bots_apart(acme: Place) -> None:
    umbrella = factories.company(acme.place)
    bob = factories.contact(acme.place, "bob@umbrella.example")
    for person in (acme.ana, acme.ana, bob):
        acme.happens(contact=person, company=umbrella, visitor_id="v1")
    acme.happens(visitor_id="v2")
    acme.happens(is_bot=True, visitor_id="v3")

    answer = acme.ask("event.stats")

    assert answer["total_events"] == 4
    assert answer["bot_events"] == 1
    assert answer["unique_contacts"] == 2
    assert answer["unique_companies"] == 1
    assert answer["unique_visitors"] == 2


@pytest.mark.parametrize("is_fresh", [True, False])
@pytest.mark.parametrize(
    ("zone", "interval", "expected"),
    [
        ("UTC", "hour", ["2026-11-20T20:00+00:00", "2026-11-22T23:00+00:00"]),
        ("Asia/Kolkata", "hour", ["2026-11-21T01:00+05:30", "2026-11-23T04:00+05:30"]),
        ("UTC", "day", ["2026-11-20", "2026-11-22"]),
        ("Asia/Kolkata", "day", ["2026-11-21", "2026-11-23"]),
        ("America/New_York", "day", ["2026-11-20", "2026-11-22"]),
        ("UTC", "week", ["2026-11-16"]),
        ("Asia/Kolkata", "week", ["2026-11-16", "2026-11-23"]),
        ("Asia/Kolkata", "month", ["2026-11"]),
    ],
)
def test_the_series_is_in_the_workspaces_time_zone(
    zone: str, interval: str, expected: list[str], is_fresh: bool
) -> None:
    team = place(time_zone=zone)
    team.happens(at="2026-11-20T20:05:00")
    team.happens(at="2026-11-22T23:10:00")
    if is_fresh:
        team.refresh()

    answer = team.ask("event.stats", interval=interval)

    assert [step["period"] for step in answer["series"]] == expected
    assert answer["time_zone"] == zone


def test_summer_and_winter_have_days_of_their_own() -> None:
    york = place(time_zone="America/New_York")
    york.happens(at="2026-07-01T04:30:00")
    york.happens(at="2026-01-01T04:30:00")

    assert york.ask("event.stats")["series"] == [
        {"period": "2025-12-31", "count": 1},
        {"period": "2026-07-01", "count": 1},
    ]


def test_the_hour_that_autumn_repeats_is_two_hours() -> None:
    berlin = place(time_zone="Europe/Berlin")
    berlin.happens(at="2025-10-26T00:30:00")
    berlin.happens(at="2025-10-26T01:30:00")

    hours = berlin.ask("event.stats", interval="hour")["series"]

    assert [hour["period"] for hour in hours] == [
        "2025-10-26T02:00+02:00",
        "2025-10-26T02:00+01:00",
    ]
    assert berlin.ask("event.stats", interval="day")["series"] == [
        {"period": "2025-10-26", "count": 2}
    ]


def test_a_contact_or_company_is_counted_from_its_own_events(acme: Place) -> None:
    umbrella = factories.company(acme.place)
    acme.happens(contact=acme.ana, company=umbrella, at="2026-11-20T10:00:00")
    acme.happens(at="2026-11-20T11:00:00")

    by: list[dict[str, Any]] = [
        {"contact_id": str(acme.ana.pk)},
        {"company_id": str(umbrella.pk)},
    ]
    for narrowed in by:
        answer = acme.ask("event.stats", **narrowed)
        assert answer["total_events"] == 1
        assert answer["series"] == [{"period": "2026-11-20", "count": 1}]


def test_stats_of_one_name_and_one_time(acme: Place) -> None:
    acme.happens("page_view", at="2026-11-20T10:00:00")
    acme.happens("form_submit", at="2026-11-20T10:00:00")
    acme.happens("form_submit", at="2026-11-25T10:00:00")

    answer = acme.ask("event.stats", event_type="form_submit", date_before="2026-11-20")

    assert answer["total_events"] == 1


def test_a_long_series_keeps_its_end_and_says_what_is_missing(acme: Place) -> None:
    for day in range(1, 29):
        for hour in range(15):
            acme.happens(at=f"2026-10-{day:02}T{hour:02}:00:00")

    answer = acme.ask("event.stats", interval="hour")

    assert answer["total_events"] == 420
    assert len(answer["series"]) == 400
    assert answer["omitted"] == 20
    assert answer["series"][-1]["period"] == "2026-10-28T14:00+00:00"


def test_a_wrong_interval_is_told_the_valid_ones(acme: Place) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        acme.ask("event.stats", interval="days")
    assert refusal.value.valid_values == ["hour", "day", "week", "month"]
    assert refusal.value.did_you_mean == "day"
