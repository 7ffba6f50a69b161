"""Segments while others write: nothing that changed is forgotten, nothing newer overwritten."""

import threading

import pytest
from django.db import connection, transaction

from core.actor import Actor
from crm.membership import working_out
from crm.models import Contact, ContactMark, Segment, SegmentMember
from tests import factories

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
