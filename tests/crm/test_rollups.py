"""The rollup: the same numbers as counting rows, and never late."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actor import Actor
from crm.models import DirtyBucket, Event, Rollup
from crm.queries.event_counts import Grouping, count
from crm.queries.periods import Interval, bucket_of
from crm.queries.windows import Window
from crm.services import rollups
from crm.tasks import refresh_rollups
from tests.crm.happenings import Place, place

pytestmark = pytest.mark.django_db

# Days on which clocks were changed, and the hours around them.
BERLIN_BACK = datetime(2025, 10, 26, tzinfo=UTC)
BERLIN_AHEAD = datetime(2026, 3, 29, tzinfo=UTC)
ZONES = ("UTC", "Asia/Kolkata", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")

moments = st.builds(
    lambda day, minutes, micro: day + timedelta(minutes=minutes, microseconds=micro),
    st.sampled_from([BERLIN_BACK, BERLIN_AHEAD, datetime(2026, 1, 1, tzinfo=UTC)]),
    st.integers(-1500, 1500),
    st.sampled_from([0, 1, 500_000, 999_600, 999_999]),
)
happening = st.tuples(moments, st.sampled_from(["page_view", "form_submit"]), st.booleans())


def test_a_late_event_between_two_calls_shows_in_the_second() -> None:
    acme = place()
    acme.happens(at="2026-11-20T10:00:00")
    acme.refresh()
    assert acme.ask("event.stats")["total_events"] == 1

    acme.happens(at="2026-11-20T10:01:00")

    assert acme.ask("event.stats")["total_events"] == 2
    assert acme.ask("event.types")["event_types"][0]["count"] == 2
    assert acme.ask("aggregate", entity="events", group_by=["day"])["total"] == 2


def test_a_deleted_event_is_missing_from_the_next_answer() -> None:
    acme = place()
    event = acme.happens()
    acme.refresh()

    event.delete()

    assert acme.ask("event.stats")["total_events"] == 0
    acme.refresh()
    assert not Rollup.objects.exists()


def test_many_events_stored_at_once_mark_every_bucket_they_fall_into() -> None:
    acme = place()
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    Event.objects.bulk_create(
        Event(
            workspace=acme.place,
            event="page_view",
            timestamp=begin + timedelta(minutes=5 * number, microseconds=999_999),
            source="test",
            created_at=begin,
        )
        for number in range(12)
    )

    marked = set(DirtyBucket.objects.values_list("bucket", flat=True))

    assert marked == {begin + timedelta(minutes=15 * number) for number in range(4)}


def test_an_event_that_is_rolled_back_marks_nothing() -> None:
    acme = place()
    with transaction.atomic():
        acme.happens()
        transaction.set_rollback(True)

    assert not DirtyBucket.objects.exists()


def test_the_task_counts_every_workspace_and_leaves_nothing_dirty() -> None:
    acme, globex = place(), place("Globex")
    acme.happens(at="2026-11-20T10:00:00")
    globex.happens(at="2026-11-20T10:00:00")
    globex.happens(at="2026-11-20T10:14:59")

    assert refresh_rollups() == 2

    assert not DirtyBucket.objects.exists()
    counts = dict(Rollup.objects.values_list("workspace", "count"))
    assert counts == {acme.place.pk: 1, globex.place.pk: 2}


def test_more_dirty_stretches_than_are_worth_it_are_counted_from_rows() -> None:
    acme = place()
    for number in range(130):
        acme.happens(at=datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=30 * number))

    assert acme.ask("event.stats", interval="month")["series"] == [
        {"period": "2026-11", "count": 130}
    ]
    assert acme.refresh() == 130
    assert acme.ask("event.stats")["total_events"] == 130


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    early=st.lists(happening, max_size=12),
    late=st.lists(happening, max_size=6),
    zone=st.sampled_from(ZONES),
    interval=st.sampled_from(["hour", "day", "week", "month"]),
    window=st.tuples(st.none() | moments, st.none() | moments),
    deleted=st.integers(0, 3),
)
def test_the_rollup_and_a_naive_count_give_the_same_numbers(  # noqa: PLR0913
    early: list[tuple[datetime, str, bool]],
    late: list[tuple[datetime, str, bool]],
    zone: str,
    interval: Interval,
    window: tuple[datetime | None, datetime | None],
    deleted: int,
) -> None:
    with transaction.atomic():
        acme = place(time_zone=zone)
        for one in early:
            _store(acme, one)
        acme.refresh()
        for one in late:
            _store(acme, one)
        for event in list(Event.objects.order_by("pk")[:deleted]):
            event.delete()
        by = Grouping(columns=("event", "is_bot"), interval=interval, zone=ZoneInfo(zone))

        found = count(acme.actor, Window(*window), {}, by)

        assert found == _naive(acme, Window(*window), interval, ZoneInfo(zone))
        transaction.set_rollback(True)


def _store(acme: Place, one: tuple[datetime, str, bool]) -> None:
    moment, name, is_bot = one
    acme.happens(name, at=moment, is_bot=is_bot)


def _naive(
    acme: Place, window: Window, interval: Interval, zone: ZoneInfo
) -> Counter[tuple[object, ...]]:
    """Row by row, in Python, with no help from the database."""
    found: Counter[tuple[object, ...]] = Counter()
    for row in Event.objects.filter(workspace=acme.place):
        if window.since is not None and row.timestamp < window.since:
            continue
        if window.until is not None and row.timestamp >= window.until:
            continue
        found[
            (
                row.event,
                row.is_bot,
                _begin(row.timestamp.astimezone(zone), interval).astimezone(UTC),
            )
        ] += 1
    return found


def _begin(local: datetime, interval: Interval) -> datetime:
    if interval == "hour":
        # Hours are stretches of real time: the one that is repeated in autumn counts twice.
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return local.astimezone(UTC) - past
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if interval == "week":
        return midnight - timedelta(days=local.weekday())
    return midnight.replace(day=1) if interval == "month" else midnight


def test_a_bucket_begins_on_a_quarter_of_an_hour() -> None:
    moment = datetime(2026, 11, 20, 10, 29, 59, 999_999, tzinfo=UTC)
    assert bucket_of(moment) == datetime(2026, 11, 20, 10, 15, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time")
def test_an_event_that_is_being_stored_while_its_bucket_is_counted_is_not_lost() -> None:
    acme = place()
    acme.happens(at="2026-11-20T10:00:00")
    stored, counted = threading.Event(), threading.Event()

    def store_slowly() -> None:
        with transaction.atomic():
            acme.happens(at="2026-11-20T10:05:00")
            stored.set()
            counted.wait(5)
        connection.close()

    writer = threading.Thread(target=store_slowly)
    writer.start()
    stored.wait(5)
    rollups.refresh(Actor.for_job("crm.rollups", str(acme.place.pk)))
    counted.set()
    writer.join()

    assert acme.ask("event.stats")["total_events"] == 2
    acme.refresh()
    assert acme.ask("event.stats")["total_events"] == 2
