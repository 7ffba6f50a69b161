"""Segments while others write: nothing that changed is forgotten, nothing newer overwritten."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from core import clock
from core.actor import Actor
from crm.membership import turns, working_out
from crm.models import Contact, ContactMark, Segment, SegmentMember, SegmentTurn
from tests import factories
from tests.threads import at_once

LEADS = {"field": "lifecyclestage", "op": "eq", "value": "lead"}


@pytest.mark.django_db
def test_a_mark_that_came_meanwhile_stays_for_the_next_run() -> None:
    place = factories.workspace()
    actor = Actor.for_job("crm.segments", str(place.pk))
    factories.contact(place)
    marks = working_out._marks(actor)

    late = factories.contact(place, "late@x.example")
    working_out._forget(marks)

    left = ContactMark.objects.values_list("contact_id", flat=True)
    assert list(left) == [late.pk]


@pytest.mark.django_db
def test_a_filter_changed_while_it_is_worked_out_stays_stale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = factories.workspace()
    actor = Actor.for_job("crm.segments", str(place.pk))
    segment = factories.segment(place, filter=LEADS)
    bring = working_out._bring

    def bring_slowly(*of: object) -> int:
        number = bring(*of)  # type: ignore[arg-type]
        working_out.mark_stale(actor)
        return number

    monkeypatch.setattr(working_out, "_bring", bring_slowly)
    working_out.work_out(actor, str(segment.pk))

    assert Segment.objects.get(pk=segment.pk).stale


@pytest.mark.django_db
def test_a_second_run_leaves_at_once_and_loses_nothing() -> None:
    place = factories.workspace()
    actor = Actor.for_job("crm.segments", str(place.pk))
    factories.segment(place, filter=LEADS)
    factories.contact(place, lifecyclestage="lead")
    first = turns.take(actor)
    assert first is not None

    assert working_out.refresh(actor) == 0
    assert ContactMark.objects.exists()

    first.give_back()
    assert working_out.refresh(actor) == 1


@pytest.mark.django_db
def test_another_workspace_does_not_wait() -> None:
    here, there = factories.workspace(), factories.workspace("Globex")
    actor, other = (Actor.for_job("crm.segments", str(one.pk)) for one in (here, there))
    factories.segment(there, filter=LEADS)
    factories.contact(there, lifecyclestage="lead")
    turns.take(actor)

    assert working_out.refresh(other) == 1


@pytest.mark.django_db
def test_the_turn_of_a_run_that_died_ends_by_time() -> None:
    place = factories.workspace()
    actor = Actor.for_job("crm.segments", str(place.pk))
    factories.segment(place, filter=LEADS)
    factories.contact(place, lifecyclestage="lead")
    dead = turns.take(actor)
    assert dead is not None
    SegmentTurn.objects.update(until=clock.now())

    following = turns.take(actor)
    assert following is not None
    # Should it be alive after all, it stops, and takes nothing from the one that follows.
    with pytest.raises(turns.TurnLost):
        dead.keep()
    dead.give_back()
    following.keep()
    assert turns.take(actor) is None


@pytest.mark.django_db
def test_who_works_on_keeps_the_turn() -> None:
    actor = Actor.for_job("crm.segments", str(factories.workspace().pk))
    turn = turns.take(actor)
    assert turn is not None
    SegmentTurn.objects.update(until=clock.now() + timedelta(seconds=5))

    turn.keep()

    assert SegmentTurn.objects.get().until > clock.now() + timedelta(seconds=100)


@pytest.mark.django_db(transaction=True)
def test_of_many_runs_at_once_one_has_the_turn() -> None:
    actor = Actor.for_job("crm.segments", str(factories.workspace().pk))

    taken, refused = at_once([lambda: turns.take(actor)] * 4)

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
    working_out.refresh(actor)
    Contact.objects.filter(pk=ana.pk).update(lifecyclestage="lead")
    ContactMark.objects.all().delete()
    working_out.mark_stale(actor, [str(first.pk)])
    bring, dead = working_out._bring, False

    def die_after_the_first_stretch(*of: object) -> int:
        nonlocal dead
        if dead:
            raise KeyboardInterrupt
        dead = True
        return bring(*of)  # type: ignore[arg-type]

    monkeypatch.setattr(working_out, "STRETCH", 1)
    monkeypatch.setattr(working_out, "_bring", die_after_the_first_stretch)
    with pytest.raises(KeyboardInterrupt):
        working_out.refresh(actor)
    monkeypatch.setattr(working_out, "_bring", bring)
    working_out.refresh(actor)

    members = SegmentMember.objects.filter(segment=second).values_list("contact", flat=True)
    assert list(members) == [bo.pk]


@pytest.mark.django_db
def test_a_change_shows_though_many_segments_look_at_everybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = factories.workspace()
    actor = Actor.for_job("crm.segments", str(place.pk))
    fresh, *slow = (factories.segment(place, f"S{n}", filter=LEADS) for n in range(3))
    working_out.refresh(actor)
    working_out.mark_stale(actor, [str(row.pk) for row in slow])
    work_out, seen = working_out.work_out, []

    def work_out_slowly(*of: str) -> int:
        seen.append(SegmentMember.objects.filter(segment=fresh).count())
        if len(seen) == 1:
            factories.contact(place, lifecyclestage="lead")
        return work_out(*of)  # type: ignore[arg-type]

    monkeypatch.setattr(working_out, "MARKS_EVERY", timedelta(0))
    monkeypatch.setattr(working_out, "work_out", work_out_slowly)
    working_out.refresh(actor)

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
    working_out.work_out(actor, str(segment.pk))
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
