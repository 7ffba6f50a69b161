"""Conversations by mail and Intercom, and e-mail threads in one line each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from core.access import Scope
from core.errors import InsufficientScope, NotFound, ValidationFailed
from core.ids import new_id
from crm.models import Contact, Thread
from crm.tasks import erase_deleted
from tests import factories
from tests.crm.team import Team, ask, team

__all__ = ["team"]

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BOTH = ("crm.contact.conversation.list", "crm.contact.email_thread.list")
each_read = pytest.mark.parametrize("name", BOTH)


@pytest.fixture
def ana(team: Team) -> Contact:
    return factories.contact(team.place)


def conversations(team: Team, ana: Contact, **data: Any) -> dict[str, Any]:
    return ask(team.claude, BOTH[0], contact_id=str(ana.pk), **data)


def threads(team: Team, ana: Contact, **data: Any) -> dict[str, Any]:
    return ask(team.claude, BOTH[1], contact_id=str(ana.pk), **data)


def talk(ana: Contact, messages: int, minutes_ago: int = 0, **facts: Any) -> Thread:
    """Creates a conversation: messages a minute apart, the first from the contact."""
    last = NOON - timedelta(minutes=minutes_ago)
    conversation = factories.thread(ana, last_message_at=last, **facts)
    for number in range(messages):
        factories.message(
            conversation,
            f"text {number}",
            direction="out" if number % 2 else "in",
            sent_at=last - timedelta(minutes=messages - 1 - number),
        )
    return conversation


def test_conversations_stand_the_latest_first_without_their_messages(
    team: Team, ana: Contact
) -> None:
    old = talk(ana, 3, 60, subject="Old")
    new = talk(ana, 1, 5, subject="New", source="intercom")

    answer = conversations(team, ana)

    assert [row["thread_id"] for row in answer["conversations"]] == [new.pk, old.pk]
    assert answer["total_conversations"] == 2
    assert [row["message_count"] for row in answer["conversations"]] == [1, 3]
    assert [row["channel"] for row in answer["conversations"]] == ["intercom", "imap"]
    assert all(row["source"] == "external" for row in answer["conversations"])
    assert "messages" not in answer["conversations"][0]
    assert "text 0" not in str(answer)


def test_messages_stand_oldest_first_and_say_who_wrote_them(team: Team, ana: Contact) -> None:
    talk(ana, 3)

    (row,) = conversations(team, ana, include_messages=True)["conversations"]

    told = [(one["body"], one["direction"], one["source"]) for one in row["messages"]]
    assert told == [
        ("text 0", "in", "external"),
        ("text 1", "out", "person"),
        ("text 2", "in", "external"),
    ]
    assert "omitted_messages" not in row


def test_of_a_long_conversation_the_latest_messages_are_shown(team: Team, ana: Contact) -> None:
    talk(ana, 30)

    answer = conversations(team, ana, include_messages=True)

    (row,) = answer["conversations"]
    assert [one["body"] for one in row["messages"]] == [f"text {n}" for n in range(10, 30)]
    assert row["omitted_messages"] == 10
    assert row["message_count"] == 30
    assert answer["truncated"] is True


def test_messages_of_the_same_moment_do_not_exceed_the_bound(team: Team, ana: Contact) -> None:
    conversation = factories.thread(ana)
    for _ in range(25):
        factories.message(conversation, sent_at=NOON)

    (row,) = conversations(team, ana, include_messages=True)["conversations"]

    assert len(row["messages"]) == 20
    assert row["omitted_messages"] == 5


def test_more_than_the_limit_are_counted_and_said_to_be_missing(team: Team, ana: Contact) -> None:
    for number in range(3):
        talk(ana, 1, number)

    answer, lines = conversations(team, ana, limit=2), threads(team, ana, limit=2)

    assert len(answer["conversations"]) == len(lines["threads"]) == 2
    for one, total in ((answer, "total_conversations"), (lines, "total_threads")):
        assert (one[total], one["truncated"], one["omitted"]) == (3, True, 1)
        assert "limit" in one["hint"]


@pytest.mark.parametrize(("number", "letters"), [(50, 30_000), (20, 9000), (1, 30_000)])
def test_long_texts_are_cut_evenly_so_that_the_answer_fits(
    team: Team, ana: Contact, number: int, letters: int
) -> None:
    for minutes in range(number):
        conversation = factories.thread(ana, last_message_at=NOON - timedelta(minutes=minutes))
        for _ in range(3):
            factories.message(conversation, '"\n' * (letters // 2), subject='"' * 500)

    answer = conversations(team, ana, include_messages=True, limit=50)

    assert len(str(answer)) < 80_000
    assert len(answer["conversations"]) == number
    assert answer["truncated"] is True
    shown = [one for row in answer["conversations"] for one in row["messages"]]
    assert shown
    assert all(one["truncated"] for one in shown)
    assert len({len(row["messages"]) for row in answer["conversations"]}) == 1


def test_one_long_message_is_shown_whole_when_there_is_room(team: Team, ana: Contact) -> None:
    factories.message(factories.thread(ana), "x" * 11_000)

    answer = conversations(team, ana, include_messages=True)

    assert answer["conversations"][0]["messages"][0]["body"] == "x" * 11_000
    assert "truncated" not in answer


def test_the_default_answer_stays_small(team: Team, ana: Contact) -> None:
    for _ in range(25):
        factories.thread(ana, subject='"' * 500)

    assert len(str(conversations(team, ana))) < 32_000
    assert len(str(threads(team, ana))) < 32_000


def test_email_threads_are_of_mailboxes_alone_and_name_their_last_message(
    team: Team, ana: Contact
) -> None:
    mail, quiet = talk(ana, 3, 1, source="gmail"), talk(ana, 0, 9)
    talk(ana, 1, source="intercom")

    answer = threads(team, ana)

    last = mail.messages.order_by("-sent_at").first()
    assert last is not None
    assert answer["total_threads"] == 2
    assert answer["threads"] == [
        {
            "thread_id": mail.pk,
            "last_message_id": last.pk,
            "subject": "Depots",
            "last_message_at": "2026-11-20T11:59:00Z",
            "source": "external",
        },
        {
            "thread_id": quiet.pk,
            "subject": "Depots",
            "last_message_at": "2026-11-20T11:51:00Z",
            "source": "external",
        },
    ]


@each_read
def test_deleted_conversations_and_those_of_others_are_left_out(
    team: Team, ana: Contact, name: str
) -> None:
    talk(ana, 1, deleted_at=clock.now())
    talk(factories.contact(team.place, "bo@hooli.example"), 1)

    answer = ask(team.claude, name, contact_id=str(ana.pk))

    assert list(answer.values()) == [[], 0]


@each_read
def test_foreign_missing_deleted_and_malformed_contacts_are_the_same_answer(
    team: Team, ana: Contact, name: str
) -> None:
    talk(ana, 1)
    gil = team.admin_elsewhere()
    gone = factories.contact(team.place, "gone@x.example", deleted_at=clock.now())
    talk(gone, 1)

    refusals = set()
    for actor, pk in (
        (gil, str(ana.pk)),
        (team.claude, new_id("ct")),
        (team.claude, str(gone.pk)),
        (team.claude, "nonsense"),
    ):
        with pytest.raises(NotFound) as refusal:
            ask(actor, name, contact_id=pk)
        refusals.add(str(refusal.value.as_dict()))

    assert len(refusals) == 1
    assert ask(team.claude, name, contact_id=str(ana.pk))


@each_read
@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("limit", {"limit": 0}),
        ("limit", {"limit": 101}),
        ("limit", {"limit": "many"}),
        ("page", {"page": 1}),
    ],
)
def test_bad_input_is_refused(
    team: Team, ana: Contact, name: str, field: str, wrong: dict[str, Any]
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        ask(team.claude, name, contact_id=str(ana.pk), **wrong)
    assert refusal.value.field == field


@each_read
def test_the_scope_of_contacts_is_needed(team: Team, ana: Contact, name: str) -> None:
    app = replace(team.claude, scopes=frozenset(Scope) - {Scope.CONTACTS_READ})
    with pytest.raises(InsufficientScope, match="contacts:read"):
        ask(app, name, contact_id=str(ana.pk))


@each_read
def test_the_number_of_queries_stays_the_same(team: Team, ana: Contact, name: str) -> None:
    bo = factories.contact(team.place, "bo@hooli.example")
    talk(bo, 1)
    for number in range(20):
        talk(ana, 4, number)
    more: dict[str, Any] = {"include_messages": True} if name == BOTH[0] else {}

    with CaptureQueriesContext(connection) as little:
        ask(team.claude, name, contact_id=str(bo.pk), **more)
    with CaptureQueriesContext(connection) as much:
        ask(team.claude, name, contact_id=str(ana.pk), **more)

    assert len(little) == len(much) <= 8


@each_read
def test_a_restored_contact_has_its_conversations_back_until_they_are_erased(
    team: Team, ana: Contact, name: str
) -> None:
    talk(ana, 2)
    ids = {"contact_id": str(ana.pk)}
    ask(team.admin, "crm.contact.delete", **ids)
    ask(team.admin, "crm.contact.restore", **ids)
    assert next(iter(ask(team.claude, name, **ids).values()))

    ask(team.admin, "crm.contact.delete", **ids)
    Contact.objects.filter(pk=ana.pk).update(deleted_at=clock.now() - timedelta(days=31))
    erase_deleted()

    assert not Thread.objects.exists()


def test_a_conversation_deleted_alone_is_erased_with_its_messages(team: Team, ana: Contact) -> None:
    gone, kept = talk(ana, 2), talk(ana, 1)
    Thread.objects.filter(pk=gone.pk).update(deleted_at=clock.now() - timedelta(days=31))

    erase_deleted()

    assert list(Thread.objects.values_list("pk", flat=True)) == [kept.pk]
    assert conversations(team, ana)["conversations"][0]["message_count"] == 1
