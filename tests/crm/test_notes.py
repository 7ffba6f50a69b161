"""Notes: direct, marked by who wrote the words, newest first."""

from typing import Any

import pytest
from django.db import IntegrityError

from core.errors import ValidationFailed
from crm.models import Note
from tests.core import rows
from tests.crm.conftest import Book


def write(book: Book, content: str = "Hi", **who: Any) -> str:
    answer = book.ask("note.create", contact_id=str(book.ana.pk), content=content, **who)
    return str(answer["result"]["note"]["note_id"])


def test_a_persons_note_and_an_assistants_are_told_apart(book: Book) -> None:
    mine = Note.objects.get(pk=write(book))
    its = Note.objects.get(pk=write(book, actor=book.claude))

    assert (mine.source, mine.author_name, mine.connection_id) == ("person", "Rex", "")
    assert (its.source, its.author_name) == ("assistant", "Claude for Mia")
    assert its.connection_id == "conn_1"
    assert its.author_id == book.claude.user_id


def test_notes_are_listed_newest_first_in_pages(book: Book) -> None:
    made = [write(book, f"N{number}") for number in range(5)]

    first = book.ask("note.list", contact_id=str(book.ana.pk), limit=3)
    second = book.ask("note.list", contact_id=str(book.ana.pk), limit=3, page=2)

    listed = [note["note_id"] for note in first["notes"] + second["notes"]]
    assert listed == made[::-1]
    assert first["pagination"] == {"page": 1, "limit": 3, "total_pages": 2, "total_items": 5}


@pytest.mark.parametrize("content", ["", "a" * 20_001, "a\x00", "a\x1b", 7, None])
def test_a_note_has_bounds(book: Book, content: object) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        book.ask("note.create", contact_id=str(book.ana.pk), content=content)

    assert refusal.value.field == "content"
    assert not Note.objects.exists()


def test_the_longest_note_is_kept_as_it_is(book: Book) -> None:
    text = "ä\n" * 10_000

    assert Note.objects.get(pk=write(book, text)).content == text


def test_a_note_is_on_one_contact_or_one_company(book: Book) -> None:
    with pytest.raises(IntegrityError, match="note_is_on_a_contact_or_a_company"):
        rows.make(Note, book.place, contact=book.ana, company=book.ana.company)
