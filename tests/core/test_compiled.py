"""A compiled query returns what its queryset returns, for every actor."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import F, QuerySet
from django.test.utils import CaptureQueriesContext

from core.compiled import Compiled, number_of
from crm.models import Contact, Event
from tests import factories

pytestmark = pytest.mark.django_db


def _with_company(workspace: str, contact: str) -> QuerySet[Contact]:
    rows = Contact.objects.filter(workspace_id=workspace, pk=contact).present()
    return rows.select_related("company").annotate(firm=F("company__name"))


def _events(workspace: str, contact: str) -> QuerySet[Event]:
    return Event.objects.filter(workspace_id=workspace, contact=contact).order_by("-timestamp")


def _events_between(workspace: str, first: datetime, last: datetime) -> QuerySet[Event]:
    return Event.objects.filter(workspace_id=workspace, timestamp__gte=first, timestamp__lt=last)


def _number(workspace: str, contact: str) -> QuerySet[Event, int]:
    return number_of(_events(workspace, contact))


def test_the_answer_is_the_querysets_with_relations_and_annotations() -> None:
    place = factories.workspace()
    ana = factories.contact(place, company=factories.company(place), properties={"plan": "pro"})
    question = Compiled(_with_company, "ws", "ct")

    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            [found] = question.rows(str(place.pk), str(ana.pk))
            assert (found, found.properties, found.created_at) == (
                ana,
                {"plan": "pro"},
                ana.created_at,
            )
            assert str(found.company) == "Umbrella"
            assert found.firm == "Umbrella"  # type: ignore[attr-defined]
        assert len(asked) == 1


def test_what_was_asked_before_does_not_stay() -> None:
    here, there = factories.workspace(), factories.workspace("Globex")
    ana, gus = factories.contact(here), factories.contact(there, "gus@globex.example")
    first = factories.event(ana)
    question, number = Compiled(_events, "ws", "ct"), Compiled(_number, "ws", "ct")

    assert question.rows(str(here.pk), str(ana.pk)) == [first]
    assert question.rows(str(there.pk), str(gus.pk)) == []
    second = factories.event(ana)
    assert question.rows(str(here.pk), str(ana.pk)) == [second, first]
    assert number.rows(str(here.pk), str(ana.pk)) == [2]
    assert number.rows(str(there.pk), str(gus.pk)) == []


def test_another_workspaces_and_a_nonsense_id_find_nothing() -> None:
    here, there = factories.workspace(), factories.workspace("Globex")
    ana = factories.contact(here)
    question = Compiled(_with_company, "ws", "ct")

    assert question.rows(str(here.pk), str(ana.pk)) == [ana]
    assert question.rows(str(there.pk), str(ana.pk)) == []
    for wrong in ("", "nonsense", str(here.pk), str(ana.pk).upper(), "ct_%"):
        assert question.rows(str(here.pk), wrong) == []


def test_a_moment_is_a_value_too() -> None:
    place = factories.workspace()
    ana = factories.contact(place)
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    early, late = (factories.event(ana, timestamp=noon + timedelta(hours=h)) for h in (-1, 1))
    question = Compiled(_events_between, "ws", datetime, datetime)

    def between(first: datetime, last: datetime) -> list[Event]:
        return question.rows(str(place.pk), first, last)

    assert between(noon - timedelta(hours=2), noon) == [early]
    assert between(noon, noon + timedelta(hours=2)) == [late]
    # The same moment in another time zone.
    assert between(noon.astimezone(ZoneInfo("Asia/Kolkata")), noon + timedelta(hours=2)) == [late]
    assert between(noon, noon) == []


def test_one_question_serves_threads_at_once() -> None:
    asked = Compiled(_number, "ws", "ct")
    found: Counter[int] = Counter()

    def ask(place: str, contact: str) -> None:
        for _ in range(20):
            found[sum(asked.rows(place, contact))] += 1
        connection.close()

    place = factories.workspace()
    nobody = str(factories.contact(place).pk)
    threads = [threading.Thread(target=ask, args=(str(place.pk), nobody)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {0: 80}
