"""One rule for moments: without an offset they are the workspace's, a date is its whole day."""

from datetime import UTC, datetime
from typing import Any

import pytest

from approvals.models import Action
from core import operations
from core.errors import ValidationFailed
from core.operations import Request
from core.schemas import validated
from crm.models import Contact
from crm.schemas.events import Dated
from tests import factories
from tests.cells import each
from tests.crm.happenings import Place, place

pytestmark = pytest.mark.django_db

# The 20th of November in Kolkata, five and a half hours ahead of UTC.
BEFORE, FIRST = "2026-11-19T18:29:59.999999", "2026-11-19T18:30:00"
LAST, AFTER = "2026-11-20T18:29:59.999999", "2026-11-20T18:30:00"
MOMENTS = (BEFORE, FIRST, LAST, AFTER)


@pytest.fixture
def delhi() -> Place:
    """A contact created, an event and an action at each of four moments, at the edges of a day."""
    delhi = place("Delhi", time_zone="Asia/Kolkata")
    Contact.objects.all().delete()
    for number, moment in enumerate(MOMENTS):
        at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        ana = factories.contact(delhi.place, f"p{number}@delhi.example")
        Contact.objects.filter(pk=ana.pk).update(created_at=at)
        delhi.happens(at=at, contact=ana)
        change = operations.submit(
            factories.app(delhi.mia),
            operations.get("crm.contact.update"),
            {"contact_id": str(ana.pk), "properties": {"city": "Pune"}},
            Request(require_approval=True),
        )
        Action.objects.filter(pk=change["action_id"]).update(created_at=at)
    return delhi


def number_found(delhi: Place, question: str, since: str | None, until: str | None) -> int:
    """How many of the four the question finds."""
    created = _given(created_after=since, created_before=until)
    dated = _given(date_after=since, date_before=until)
    people = [str(pk) for pk in Contact.objects.values_list("pk", flat=True)]
    by_day: dict[str, Any] = {"entity": "events", "group_by": ["path"], "filters": dated}
    if question == "list_actions":
        op = operations.get("approvals.action.list")
        page = operations.submit(factories.app(delhi.mia), op, created)
        return int(page["pagination"]["total_items"])
    answers: dict[str, Any] = {
        "list_contacts": lambda: delhi.ask("contact.list", count_only=True, **created)["count"],
        "list_events": lambda: delhi.ask("event.list", count_only=True, **dated)["count"],
        "get_event_types": lambda: sum(
            row["count"] for row in delhi.ask("event.types", **dated)["event_types"]
        ),
        "get_event_stats": lambda: delhi.ask("event.stats", **dated)["total_events"],
        "batch_get_activity": lambda: sum(
            one["total_events"]
            for one in delhi.ask("activity.batch", contact_ids=people, **dated)["activity"].values()
        ),
        "aggregate events": lambda: delhi.ask("aggregate", **by_day)["total"],
        "aggregate contacts": lambda: delhi.ask(
            "aggregate", entity="contacts", group_by=["country"], filters=created
        )["total"],
    }
    return int(answers[question]())


def _given(**arguments: str | None) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}


QUESTIONS = (
    *("list_contacts", "list_actions", "list_events", "get_event_types", "get_event_stats"),
    *("batch_get_activity", "aggregate events", "aggregate contacts"),
)
WINDOWS = {
    "a date from its beginning": ("2026-11-20", None, 3),
    "a date to its end": (None, "2026-11-20", 3),
    "the whole of a day": ("2026-11-20", "2026-11-20", 2),
    "a moment of the workspace's clock": ("2026-11-20T00:00:01", None, 2),
    "up to a moment of it": (None, "2026-11-20T00:00:00", 2),
    "a moment with an offset": ("2026-11-20T00:00:00Z", "2026-11-20T18:30:00+00:00", 2),
    "upside down": ("2026-11-21", "2026-11-19", 0),
}


@each("question", QUESTIONS)
@each(("since", "until", "number"), WINDOWS.values(), ids=list(WINDOWS))
def test_every_question_reads_a_moment_alike(
    delhi: Place, question: str, since: str | None, until: str | None, number: int
) -> None:
    assert number_found(delhi, question, since, until) == number


@each("question", QUESTIONS)
@each("wrong", ["yesterday", "2026-02-30", "20.11.2026", "2026-11-20T25:00"])
def test_what_is_no_moment_is_refused_with_an_example(
    delhi: Place, question: str, wrong: str
) -> None:
    with pytest.raises(ValidationFailed, match="2026-11-21") as refusal:
        number_found(delhi, question, wrong, None)

    assert str(refusal.value.field).endswith("_after")


def test_a_day_with_a_change_of_clocks_has_all_its_hours() -> None:
    berlin = place("Berlin", time_zone="Europe/Berlin")
    for hour in ("2026-10-24T22", "2026-10-25T22"):  # 25 hours lie between these two and 23:00
        berlin.happens(at=f"{hour}:00:00")
    berlin.happens(at="2026-10-25T23:00:00")

    day = berlin.ask("event.list", date_after="2026-10-25", date_before="2026-10-25")

    assert day["pagination"]["total_items"] == 2


def test_the_types_leave_the_zone_to_the_workspace() -> None:
    given = validated(Dated, {"date_after": "2026-11-20", "date_before": "2026-11-20"})

    assert given.date_after == datetime(2026, 11, 20)  # noqa: DTZ001
    assert given.date_before == datetime(2026, 11, 20, 23, 59, 59, 999999)  # noqa: DTZ001
