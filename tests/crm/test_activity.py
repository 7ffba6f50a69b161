"""The latest events of many contacts in one call."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from core.access import Scope
from core.errors import InsufficientScope, ValidationFailed
from core.ids import new_id
from crm.models import Event
from tests import factories
from tests.crm.happenings import Place, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Place:
    return place()


def ask(acme: Place, *contact_ids: object, **data: Any) -> dict[str, Any]:
    """The activity of the contacts."""
    return acme.ask("activity.batch", contact_ids=[str(one) for one in contact_ids], **data)


def test_each_contact_has_a_quota_of_its_own(acme: Place) -> None:
    bob = factories.contact(acme.place, "bob@acme.example")
    for number in range(7):
        acme.happens(f"step_{number}", at=f"2026-11-20T10:0{number}:00", contact=acme.ana)
    acme.happens("only", contact=bob, url="https://acme.example/", title="Home")

    answer = ask(acme, acme.ana.pk, bob.pk, events_limit=3)

    assert answer["contact_count"] == 2
    hers, his = answer["activity"][str(acme.ana.pk)], answer["activity"][str(bob.pk)]
    assert [event["event"] for event in hers["events"]] == ["step_6", "step_5", "step_4"]
    assert hers["total_events"] == 7
    assert his["events"][0]["url"] == "https://acme.example/"
    assert his["total_events"] == 1


def test_events_of_the_same_moment_do_not_exceed_the_quota(acme: Place) -> None:
    for _ in range(5):
        acme.happens(at="2026-11-20T10:00:00", contact=acme.ana)

    activity = ask(acme, acme.ana.pk, events_limit=2)["activity"][str(acme.ana.pk)]

    assert len(activity["events"]) == 2
    assert activity["total_events"] == 5


def test_a_contact_without_events_keeps_an_empty_list(acme: Place) -> None:
    assert ask(acme, acme.ana.pk)["activity"] == {
        str(acme.ana.pk): {"events": [], "total_events": 0}
    }


def test_bots_and_events_outside_the_time_are_left_out(acme: Place) -> None:
    acme.happens("bot", at="2026-11-20T10:00:00", contact=acme.ana, is_bot=True)
    acme.happens("early", at="2026-11-19T23:00:00", contact=acme.ana)
    acme.happens("inside", at="2026-11-20T10:00:00", contact=acme.ana)
    acme.happens("later", at="2026-11-21T00:00:00", contact=acme.ana)

    answer = ask(acme, acme.ana.pk, date_after="2026-11-20", date_before="2026-11-20")

    (activity,) = answer["activity"].values()
    assert [event["event"] for event in activity["events"]] == ["inside"]
    assert activity["total_events"] == 1


def test_unknown_foreign_deleted_and_malformed_ids_are_left_out(acme: Place) -> None:
    globex = place("Globex")
    globex.happens(contact=globex.ana)
    gone = factories.contact(acme.place, "gone@acme.example", deleted_at=clock.now())

    answer = ask(acme, acme.ana.pk, globex.ana.pk, gone.pk, new_id("ct"), "nonsense")

    assert list(answer["activity"]) == [str(acme.ana.pk)]
    assert ask(globex, globex.ana.pk)["contact_count"] == 1


def test_the_number_of_queries_does_not_grow_with_the_contacts(acme: Place) -> None:
    people = [factories.contact(acme.place, f"p{n}@acme.example") for n in range(25)]
    for person in people:
        acme.happens(contact=person)
    with CaptureQueriesContext(connection) as one:
        ask(acme, people[0].pk)
    with CaptureQueriesContext(connection) as all_of_them:
        ask(acme, *(person.pk for person in people))

    assert len(all_of_them) == len(one) <= 6


def test_a_long_answer_is_cut_evenly_and_says_so(acme: Place) -> None:
    people = [factories.contact(acme.place, f"p{n}@acme.example") for n in range(25)]
    moment = clock.now()
    Event.objects.bulk_create(
        Event(
            workspace=acme.place,
            contact=person,
            event="page_view",
            timestamp=moment - timedelta(minutes=number),
            source="test",
            url="https://acme.example/" + "x" * 900,
            created_at=moment,
        )
        for person in people
        for number in range(20)
    )

    answer = ask(acme, *(person.pk for person in people), events_limit=20)

    assert answer["truncated"] is True
    assert len({len(one["events"]) for one in answer["activity"].values()}) == 1
    assert answer["omitted"] + sum(len(one["events"]) for one in answer["activity"].values()) == 500
    assert len(str(answer)) < 80_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"contact_ids": []},
        {"contact_ids": ["ct_1"] * 26},
        {"contact_ids": "ct_1"},
        {"contact_ids": ["ct_1"], "events_limit": 21},
        {"contact_ids": ["ct_1"], "events_limit": 0},
        {"contact_ids": [None]},
    ],
)
def test_bad_input_is_refused(acme: Place, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed):
        acme.ask("activity.batch", **wrong)


def test_the_scope_of_contacts_is_needed(acme: Place) -> None:
    app = factories.app(acme.mia, scopes=frozenset({Scope.EVENTS_READ}))
    with pytest.raises(InsufficientScope, match="contacts:read"):
        acme.ask("activity.batch", actor=app, contact_ids=[str(acme.ana.pk)])
