"""Segments with concurrent writes: no change is lost, nothing newer is overwritten."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from core import clock
from core.actor import Actor
from crm.membership import locks, recompute
from crm.models import Contact, DirtyContact, Segment, SegmentLock, SegmentMember
from tests import factories
from tests.threads import at_once

LEADS = {"field": "lifecyclestage", "op": "eq", "value": "lead"}


@pytest.mark.django_db
def test_a_mark_that_came_meanwhile_stays_for_the_next_run() -> None:
    place = factories.workspace()
    actor = Actor.for_job("crm.segments", str(place.pk))
    factories.contact(place)
    marks = recompute._marks(actor)

    late = factories.contact(place, "late@x.example")
    recompute._forget(marks)

    left = DirtyContact.objects.values_list("contact_id", flat=True)
    assert list(left) == [late.pk]


@pytest.mark.django_db
def test_a_filter_changed_while_it_is_worked_out_stays_stale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = factories.workspace()
    actor = Actor.for_job("crm.segments", str(place.pk))
    segment = factories.segment(place, filter=LEADS)
    bring = recompute._bring

    def bring_slowly(*of: object) -> int:
        number = bring(*of)  # type: ignore[arg-type]
        recompute.mark_stale(actor)
        return number

    monkeypatch.setattr(recompute, "_bring", bring_slowly)
    recompute.work_out(actor, str(segment.pk))

    assert Segment.objects.get(pk=segment.pk).stale


@pytest.mark.django_db
def test_a_second_run_leaves_at_once_and_loses_nothing() -> None:
    place = factories.workspace()
    actor = Actor.for_job("crm.segments", str(place.pk))
    factories.segment(place, filter=LEADS)
    factories.contact(place, lifecyclestage="lead")
    first = locks.acquire(actor)
    assert first is not None

    assert recompute.refresh(actor) == 0
    assert DirtyContact.objects.exists()

    first.give_back()
    assert recompute.refresh(actor) == 1


@pytest.mark.django_db
def test_another_workspace_does_not_wait() -> None:
    here, there = factories.workspace(), factories.workspace("Globex")
    actor, other = (Actor.for_job("crm.segments", str(one.pk)) for one in (here, there))
    factories.segment(there, filter=LEADS)
    factories.contact(there, lifecyclestage="lead")
    locks.acquire(actor)

    assert recompute.refresh(other) == 1


@pytest.mark.django_db
def test_the_turn_of_a_run_that_died_ends_by_time() -> None:
    place = factories.workspace()
    actor = Actor.for_job("crm.segments", str(place.pk))
    factories.segment(place, filter=LEADS)
    factories.contact(place, lifecyclestage="lead")
    dead = locks.acquire(actor)
    assert dead is not None
    SegmentLock.objects.update(until=clock.now())

    following = locks.acquire(actor)
    assert following is not None
    # If it is still alive, it stops and does not affect its successor.
    with pytest.raises(locks.LockLost):
        dead.keep()
    dead.give_back()
    following.keep()
    assert locks.acquire(actor) is None


@pytest.mark.django_db
def test_who_works_on_keeps_the_turn() -> None:
    actor = Actor.for_job("crm.segments", str(factories.workspace().pk))
    turn = locks.acquire(actor)
    assert turn is not None
    SegmentLock.objects.update(until=clock.now() + timedelta(seconds=5))

    turn.keep()

    assert SegmentLock.objects.get().until > clock.now() + timedelta(seconds=100)


@pytest.mark.django_db(transaction=True)
def test_of_many_runs_at_once_one_has_the_turn() -> None:
    actor = Actor.for_job("crm.segments", str(factories.workspace().pk))

    taken, refused = at_once([lambda: locks.acquire(actor)] * 4)

    assert sum(turn is not None for turn in taken) == 1
    assert not refused


@pytest.mark.django_db
def test_a_run_that_dies_has_told_the_segments_that_follow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = factories.workspace()
    actor = Actor.for_job("crm.segments", str(place.pk))
    first = factories.segment(place, filter=LEADS)
    second = factories.segment(place, "Second", filter={"not": {"segment_id": str(first.pk)}})
    ana, bo = factories.contact(place), factories.contact(place, "bo@x.example")
    recompute.refresh(actor)
    Contact.objects.filter(pk=ana.pk).update(lifecyclestage="lead")
    DirtyContact.objects.all().delete()
    recompute.mark_stale(actor, [str(first.pk)])
    bring, dead = recompute._bring, False

    def die_after_the_first_stretch(*of: object) -> int:
        nonlocal dead
        if dead:
            raise KeyboardInterrupt
        dead = True
        return bring(*of)  # type: ignore[arg-type]

    monkeypatch.setattr(recompute, "STRETCH", 1)
    monkeypatch.setattr(recompute, "_bring", die_after_the_first_stretch)
    with pytest.raises(KeyboardInterrupt):
        recompute.refresh(actor)
    monkeypatch.setattr(recompute, "_bring", bring)
    recompute.refresh(actor)

    members = SegmentMember.objects.filter(segment=second).values_list("contact", flat=True)
    assert list(members) == [bo.pk]


@pytest.mark.django_db
def test_a_change_shows_though_many_segments_look_at_everybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = factories.workspace()
    actor = Actor.for_job("crm.segments", str(place.pk))
    fresh, *slow = (factories.segment(place, f"S{n}", filter=LEADS) for n in range(3))
    recompute.refresh(actor)
    recompute.mark_stale(actor, [str(row.pk) for row in slow])
    work_out, seen = recompute.work_out, []

    def work_out_slowly(*of: str) -> int:
        seen.append(SegmentMember.objects.filter(segment=fresh).count())
        if len(seen) == 1:
            factories.contact(place, lifecyclestage="lead")
        return work_out(*of)  # type: ignore[arg-type]

    monkeypatch.setattr(recompute, "MARKS_EVERY", timedelta(0))
    monkeypatch.setattr(recompute, "work_out", work_out_slowly)
    recompute.refresh(actor)

    assert seen[:2] == [0, 1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time")
def test_whoever_waits_for_a_segment_looks_when_it_is_free() -> None:
    place = factories.workspace()
    actor = Actor.for_job("crm.segments", str(place.pk))
    ana = factories.contact(place, lifecyclestage="lead")
    segment = factories.segment(place, filter=LEADS)
    held, waiting = threading.Event(), threading.Event()

    def change_while_holding() -> None:
        with transaction.atomic():
            Segment.objects.select_for_update().filter(pk=segment.pk).first()
            held.set()
            for _ in range(100):
                if _somebody_waits() or waiting.wait(0.05):
                    break
            Contact.objects.filter(pk=ana.pk).update(lifecyclestage="customer")
        connection.close()

    holder = threading.Thread(target=change_while_holding)
    holder.start()
    held.wait(5)
    recompute.work_out(actor, str(segment.pk))
    waiting.set()
    holder.join()

    assert not SegmentMember.objects.exists()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity "
            "WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone() is not None
