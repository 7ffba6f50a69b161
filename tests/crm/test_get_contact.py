"""One contact with its latest activity, within bounds."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core import clock, operations
from core.access import Scope
from core.errors import NotFound, ValidationFailed
from core.ids import new_id
from crm.models import Contact
from tests import factories
from tests.crm.conftest import Book


def test_the_last_twenty_events_are_shown_and_all_are_counted(book: Book) -> None:
    start = clock.now()
    for number in range(25):
        factories.event(book.ana, f"e{number}", timestamp=start - timedelta(minutes=number))

    answer = book.ask("get", contact_id=str(book.ana.pk))

    assert [event["event"] for event in answer["events"]] == [f"e{n}" for n in range(20)]
    assert answer["total_events"] == 25
    assert all(event["source"] == "external" for event in answer["events"])


def test_notes_are_counted_without_the_deleted(book: Book) -> None:
    for _ in range(3):
        book.ask("note.create", contact_id=str(book.ana.pk), content="Hi")
    gone = book.ana.notes.first()
    assert gone is not None
    type(gone).objects.filter(pk=gone.pk).update(deleted_at=clock.now())

    assert book.ask("get", contact_id=str(book.ana.pk))["notes_count"] == 2


def test_what_the_app_may_not_see_is_named(book: Book) -> None:
    reader = replace(book.claude, scopes=frozenset({Scope.CONTACTS_READ}))

    hidden = book.ask("get", actor=reader, contact_id=str(book.ana.pk))
    shown = book.ask("get", actor=book.claude, contact_id=str(book.ana.pk))

    assert {"actions", "pending_changes"} <= set(hidden["omitted_for_scope"])
    assert "actions" not in hidden
    assert "pending_changes" not in hidden
    assert "omitted_for_scope" not in shown
    assert shown["actions"] == []


def test_at_most_ten_actions_and_waiting_changes_are_shown(book: Book) -> None:
    for number in range(12):
        book.ask(
            "update",
            actor=book.claude,
            contact_id=str(book.ana.pk),
            properties={"jobtitle": f"T{number}"},
        )

    answer = book.ask("get", contact_id=str(book.ana.pk))

    assert len(answer["actions"]) == 10
    assert len(answer["pending_changes"]) == 10


def test_a_deleted_contact_is_not_found(book: Book) -> None:
    Contact.objects.filter(pk=book.ana.pk).update(deleted_at=clock.now())

    with pytest.raises(NotFound):
        book.ask("get", contact_id=str(book.ana.pk))


ASKING: dict[str, dict[str, Any]] = {
    "get": {},
    "update": {"properties": {"jobtitle": "CTO"}},
    "note.list": {},
    "note.create": {"content": "Hi"},
    "timeline": {},
    "conversation.list": {},
    "email_thread.list": {},
}
# Their answers depend on more than the contact; test_note_writes, test_deletions and test_tasks try
# them.
TRIED_ELSEWHERE = {
    *("delete", "restore", "revert", "note.update", "note.delete", "note.restore"),
    *("escalate", "stage.update"),
}


def test_every_operation_on_a_contact_is_tried() -> None:
    named = {
        op.name.removeprefix("crm.contact.")
        for op in operations.all_operations()
        if op.name.startswith("crm.contact.") and "contact_id" in op.schema.model_fields
    }

    assert named == set(ASKING) | TRIED_ELSEWHERE | {"event.list"}


@pytest.mark.parametrize("name", ASKING)
def test_another_workspaces_contact_is_refused_exactly_like_a_missing_one(
    book: Book, name: str
) -> None:
    answers = []
    for contact_id in (str(book.ana.pk), new_id("ct"), "nonsense", new_id("co")):
        with pytest.raises(NotFound) as refusal:
            book.ask(name, actor=book.foreign_admin, contact_id=contact_id, **ASKING[name])
        answers.append(refusal.value.as_dict())

    assert answers == [answers[0]] * 4
    assert book.ask(name, contact_id=str(book.ana.pk), **ASKING[name])


def test_an_id_has_a_bound(book: Book) -> None:
    with pytest.raises(ValidationFailed):
        book.ask("get", contact_id="c" * 65)
