"""A contact's events, messages and changes in one list."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import Action
from core import clock
from core.access import Scope
from core.errors import InsufficientScope, NotFound, ValidationFailed
from core.ids import new_id
from crm.models import Contact, Event, Message, Note, StageChange
from tests import factories
from tests.crm.team import Team, ask, team

__all__ = ["team"]

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DEFAULT_ANSWER, ANY_ANSWER = 32_000, 80_000


@pytest.fixture
def ana(team: Team) -> Contact:
    return factories.contact(team.place)


def timeline(team: Team, ana: Contact, **data: Any) -> dict[str, Any]:
    """The timeline as Mia's app reads it."""
    return ask(team.claude, "crm.contact.timeline", contact_id=str(ana.pk), **data)


def note_at(ana: Contact, moment: datetime, content: str = "Met.") -> Note:
    note = factories.note(ana, content)
    Note.objects.filter(pk=note.pk).update(created_at=moment)
    return note


def stage_at(ana: Contact, moment: datetime) -> StageChange:
    return StageChange.objects.create(
        workspace_id=ana.workspace_id,
        contact=ana,
        before="lead",
        after="mql",
        at=moment,
        by="Mia",
    )


def action_at(team: Team, ana: Contact, moment: datetime, title: str = "CTO") -> str:
    answer = ask(
        team.claude, "crm.contact.update", contact_id=str(ana.pk), properties={"jobtitle": title}
    )
    Action.objects.filter(pk=answer["action_id"]).update(created_at=moment)
    return str(answer["action_id"])


def test_all_five_sources_are_in_one_list_newest_first(team: Team, ana: Contact) -> None:
    message = factories.message(factories.thread(ana), sent_at=NOON + timedelta(minutes=3))
    note = note_at(ana, NOON + timedelta(minutes=1))
    event = factories.event(ana, timestamp=NOON, url="https://acme.example/pricing", title="Prices")
    stage = stage_at(ana, NOON + timedelta(minutes=2))
    action = action_at(team, ana, NOON + timedelta(minutes=4))

    answer = timeline(team, ana)

    assert [(row["type"], row.get("source")) for row in answer["timeline"]] == [
        ("action", None),
        ("message", "external"),
        ("stage_change", "external"),
        ("note", "person"),
        ("event", "external"),
    ]
    assert answer.keys() == {"timeline"}
    drafted, came, moved, written, seen = answer["timeline"]
    assert (drafted["action_id"], drafted["status"]) == (action, "pending_approval")
    assert (came["message_id"], came["text"], came["channel"]) == (message.pk, "Hello", "imap")
    assert (moved["stage_change_id"], moved["before"], moved["after"]) == (stage.pk, "lead", "mql")
    assert (written["note_id"], written["text"]) == (note.pk, "Met.")
    assert (seen["event_id"], seen["title"]) == (event.pk, "Prices")


def test_what_we_wrote_is_marked_as_a_person_s(team: Team, ana: Contact) -> None:
    factories.message(factories.thread(ana), direction="out", from_address="mia@acme.example")

    (row,) = timeline(team, ana)["timeline"]

    assert (row["direction"], row["source"]) == ("out", "person")


def test_types_and_dates_narrow_it(team: Team, ana: Contact) -> None:
    note_at(ana, NOON - timedelta(days=1))
    note_at(ana, NOON, "Today.")
    factories.event(ana, timestamp=NOON)

    notes = timeline(team, ana, types=["note", "note"])["timeline"]
    today = timeline(team, ana, types=["note"], date_after="2026-11-20")["timeline"]
    before = timeline(team, ana, date_before="2026-11-19")["timeline"]

    assert [row["type"] for row in notes] == ["note", "note"]
    assert [row["text"] for row in today] == ["Today."]
    assert [row["text"] for row in before] == ["Met."]


def test_bots_deleted_notes_and_other_contacts_are_left_out(team: Team, ana: Contact) -> None:
    bo = factories.contact(team.place, "bo@hooli.example")
    for make in (factories.event, factories.note):
        make(bo)
    factories.message(factories.thread(bo))
    stage_at(bo, NOON)
    action_at(team, bo, NOON)
    factories.event(ana, is_bot=True)
    gone = factories.note(ana)
    Note.objects.filter(pk=gone.pk).update(deleted_at=clock.now())
    factories.message(factories.thread(ana, deleted_at=clock.now()))

    assert timeline(team, ana) == {"timeline": []}
    assert len(timeline(team, bo)["timeline"]) == 5


def test_actions_need_their_scope_and_are_named_when_left_out(team: Team, ana: Contact) -> None:
    action_at(team, ana, NOON)
    factories.event(ana)
    reader = replace(team.claude, scopes=frozenset({Scope.CONTACTS_READ}))
    ids = {"contact_id": str(ana.pk)}

    hidden = ask(reader, "crm.contact.timeline", **ids)
    asked_for = ask(reader, "crm.contact.timeline", types=["action"], **ids)
    not_asked_for = ask(reader, "crm.contact.timeline", types=["event"], **ids)

    assert [row["type"] for row in hidden["timeline"]] == ["event"]
    assert hidden["omitted_for_scope"] == ["action"]
    assert asked_for == {"timeline": [], "omitted_for_scope": ["action"]}
    assert "omitted_for_scope" not in not_asked_for
    assert [row["type"] for row in timeline(team, ana)["timeline"]] == ["event", "action"]


def test_the_scope_of_contacts_is_needed(team: Team, ana: Contact) -> None:
    app = replace(team.claude, scopes=frozenset({Scope.EVENTS_READ, Scope.ACTIONS_READ}))
    with pytest.raises(InsufficientScope, match="contacts:read"):
        ask(app, "crm.contact.timeline", contact_id=str(ana.pk))


def test_pages_go_on_where_the_last_one_ended(team: Team, ana: Contact) -> None:
    for minute in range(5):
        factories.event(ana, f"e{minute}", timestamp=NOON + timedelta(minutes=minute))

    first = timeline(team, ana, limit=2)
    factories.event(ana, "later", timestamp=NOON + timedelta(hours=1))
    factories.event(ana, "late", timestamp=NOON + timedelta(minutes=1, seconds=30))
    second = timeline(team, ana, limit=3, cursor=first["next_cursor"])
    third = timeline(team, ana, limit=3, cursor=second["next_cursor"])

    names = [[row["event"] for row in page["timeline"]] for page in (first, second, third)]
    assert names == [["e4", "e3"], ["e2", "late", "e1"], ["e0"]]
    assert "next_cursor" not in third


def test_a_whole_page_that_is_the_last_has_no_cursor(team: Team, ana: Contact) -> None:
    for _ in range(3):
        factories.event(ana, timestamp=NOON)

    assert "next_cursor" not in timeline(team, ana, limit=3)
    assert "next_cursor" in timeline(team, ana, limit=2)


def _cursor(team: Team, ana: Contact, **filters: Any) -> str:
    for _ in range(3):
        factories.event(ana, timestamp=NOON)
        note_at(ana, NOON)
    return str(timeline(team, ana, limit=1, **filters)["next_cursor"])


def test_a_cursor_of_other_filters_is_refused(team: Team, ana: Contact) -> None:
    cursor = _cursor(team, ana, types=["event", "note"])

    for other in (
        {},
        {"types": ["event"]},
        {"types": ["event", "note"], "date_after": "2026-11-19"},
        {"types": ["event", "note"], "date_before": "2026-11-21"},
    ):
        with pytest.raises(ValidationFailed) as refusal:
            timeline(team, ana, cursor=cursor, **other)
        assert refusal.value.field == "cursor"
    assert timeline(team, ana, cursor=cursor, types=["note", "event"])["timeline"]


def test_a_cursor_of_another_contact_or_workspace_is_refused(team: Team, ana: Contact) -> None:
    cursor = _cursor(team, ana)
    gil = team.admin_elsewhere()
    bo = factories.contact(team.place, "bo@hooli.example")
    elsewhere = Contact.objects.create(
        workspace_id=gil.workspace_id,
        email=ana.email,
        created_at=NOON,
        updated_at=NOON,
    )

    for actor, contact in ((team.claude, bo), (gil, elsewhere)):
        with pytest.raises(ValidationFailed) as refusal:
            ask(actor, "crm.contact.timeline", contact_id=str(contact.pk), cursor=cursor)
        assert refusal.value.field == "cursor"
    # The same cursor is good for a colleague: it holds a place, no right.
    assert ask(team.admin, "crm.contact.timeline", contact_id=str(ana.pk), cursor=cursor)


@pytest.mark.parametrize("change", ["flip", "cut", "unsigned", "letters"])
def test_a_cursor_that_was_changed_is_refused(team: Team, ana: Contact, change: str) -> None:
    cursor = _cursor(team, ana)
    body, _, mark = cursor.rpartition(":")
    changed = {
        "flip": f"{body[:-1]}{'A' if body[-1] != 'A' else 'B'}:{mark}",
        "cut": cursor[:-3],
        "unsigned": body,
        "letters": "☃ not a cursor",
    }[change]

    with pytest.raises(ValidationFailed) as refusal:
        timeline(team, ana, cursor=changed)

    assert refusal.value.field == "cursor"
    assert changed not in refusal.value.message


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("limit", {"limit": 0}),
        ("limit", {"limit": 101}),
        ("types", {"types": []}),
        ("types.0", {"types": ["email"]}),
        ("types", {"types": ["event"] * 6}),
        ("date_after", {"date_after": "yesterday"}),
        ("cursor", {"cursor": "x" * 401}),
        ("cursor", {"cursor": "a\x00b"}),
        ("include_bots", {"include_bots": True}),
    ],
)
def test_bad_input_is_refused(team: Team, ana: Contact, field: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        timeline(team, ana, **wrong)
    assert refusal.value.field == field


def test_a_wrong_type_is_answered_with_the_valid_ones(team: Team, ana: Contact) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        timeline(team, ana, types=["messages"])
    assert refusal.value.did_you_mean == "message"
    assert set(refusal.value.valid_values or []) == {
        *("event", "message", "note", "action", "stage_change")
    }


def test_foreign_missing_deleted_and_malformed_ids_are_the_same_answer(
    team: Team, ana: Contact
) -> None:
    gil = team.admin_elsewhere()
    gone = factories.contact(team.place, "gone@x.example", deleted_at=clock.now())
    factories.message(factories.thread(gone))

    refusals = set()
    for actor, pk in (
        (gil, str(ana.pk)),
        (team.claude, new_id("ct")),
        (team.claude, str(gone.pk)),
        (team.claude, "nonsense"),
    ):
        with pytest.raises(NotFound) as refusal:
            ask(actor, "crm.contact.timeline", contact_id=pk)
        refusals.add(str(refusal.value.as_dict()))

    assert len(refusals) == 1
    assert timeline(team, ana) == {"timeline": []}


def test_long_texts_are_cut_and_a_smaller_limit_shows_more(team: Team, ana: Contact) -> None:
    note_at(ana, NOON, "n" * 9000)
    factories.message(factories.thread(ana), "m" * 9000)

    answer = timeline(team, ana)
    message = timeline(team, ana, limit=1)["timeline"][0]

    assert [row["truncated"] for row in answer["timeline"]] == [True, True]
    assert all(len(row["text"]) <= 600 for row in answer["timeline"])
    assert "smaller limit" in answer["hint"]
    assert message["text"] == "m" * 9000
    assert "truncated" not in message


@pytest.mark.parametrize(("limit", "room"), [(None, DEFAULT_ANSWER), (100, ANY_ANSWER)])
def test_an_answer_stays_in_its_bounds_and_nothing_is_lost(
    team: Team, ana: Contact, limit: int | None, room: int
) -> None:
    awkward = '"\n' * 5000
    conversation = factories.thread(ana)
    for number in range(110):
        factories.message(
            conversation,
            awkward,
            subject='"' * 500,
            from_address=f"{'a' * 240}@x.example",
            sent_at=NOON - timedelta(minutes=number),
        )
    arguments: dict[str, Any] = {} if limit is None else {"limit": limit}
    seen: list[str] = []
    cursor = None
    while True:
        more: dict[str, Any] = {"cursor": cursor} if cursor else {}
        answer = timeline(team, ana, **arguments, **more)
        assert len(str(answer)) < room
        seen += [row["message_id"] for row in answer["timeline"]]
        if answer.get("truncated"):
            assert answer["omitted"] > 0
        cursor = answer.get("next_cursor")
        if cursor is None:
            break

    assert len(seen) == 110
    assert seen == list(Message.objects.order_by("-sent_at").values_list("pk", flat=True))


def _fill(ana: Contact, number: int) -> None:
    """Adds events over two years, a hundred at each moment."""
    moment = clock.now()
    Event.objects.bulk_create(
        [
            Event(
                workspace_id=ana.workspace_id,
                contact=ana,
                event="page_view",
                timestamp=NOON - timedelta(minutes=10 * (n // 100)),
                source="test",
                created_at=moment,
            )
            for n in range(number)
        ],
        batch_size=5000,
    )


def test_the_number_of_queries_stays_the_same_however_much_there_is(
    team: Team, ana: Contact
) -> None:
    bo = factories.contact(team.place, "bo@hooli.example")
    factories.event(bo)
    _fill(ana, 400)
    for number in range(30):
        note_at(ana, NOON)
        stage_at(ana, NOON)
        action_at(team, ana, NOON, f"T{number}")
        factories.message(factories.thread(ana, team.alice))

    with CaptureQueriesContext(connection) as little:
        timeline(team, bo)
    with CaptureQueriesContext(connection) as much:
        timeline(team, ana, limit=100)

    assert len(little) == len(much) <= 8


def test_a_contact_with_very_many_events_is_read_by_its_index(team: Team, ana: Contact) -> None:
    _fill(ana, 20_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    cursor_text = timeline(team, ana, limit=50)["next_cursor"]

    with CaptureQueriesContext(connection) as queries:
        answer = timeline(team, ana, limit=50, cursor=cursor_text)

    assert len(answer["timeline"]) == 50
    (read,) = [one["sql"] for one in queries.captured_queries if "is_bot" in one["sql"]]
    plan = _plan(read)
    assert "event_by_contact" in plan
    # A hundred events share each moment: the index knows their order, too.
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


def _plan(sql: str) -> str:
    word = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{word} {sql}".replace("%", "%%"))
        return "\n".join(str(row) for row in cursor.fetchall())
