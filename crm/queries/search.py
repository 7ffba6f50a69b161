"""Finding rows by the words in their `search_text`, with the same answer on both databases.

The conditions define the matches. PostgreSQL answers them from a trigram index where it has one;
on SQLite an FTS5 index narrows the rows first (crm/search_index.py, docs/decisions/0007).
"""

from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import F, Lookup, Model, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.sql.compiler import SQLCompiler

from crm.search import Word, words_of
from crm.search_index import TRIGRAM, candidates

Row = TypeVar("Row", bound=Model)

ALMOST = "No exact match; these are the closest spellings."


@dataclass(frozen=True, slots=True)
class Matches(Generic[Row]):
    """The rows found, in no order: those with the words, or `almost` with them."""

    rows: QuerySet[Row]
    almost: bool = False

    def hint(self, number: int) -> str | None:
        """A hint for this number of matches, if any."""
        return ALMOST if self.almost and number else None


class _Like(Lookup):
    """A LIKE pattern built here, with wildcards."""

    lookup_name = "like"

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:
        left, given = self.process_lhs(compiler, connection)
        right, pattern = self.process_rhs(compiler, connection)
        return f"{left} LIKE {right}", [*given, *pattern]


def matching(rows: QuerySet[Row], text: str) -> Matches[Row]:
    """The rows that have every word of the text, in any order, also in the middle of a word.

    If no row matches, rows within one typo in words of five or more characters.
    """
    words = words_of(text)
    exact = _narrowed(rows.filter(reduce(and_, map(_has, words), Q())), words)
    if not any(word.nearly for word in words) or exact.exists():
        return Matches(exact)
    return Matches(rows.filter(reduce(and_, map(_nearly_has, words))), almost=True)


def _has(word: Word) -> Q:
    return reduce(or_, (_all_of(way) for way in word.ways))


def _all_of(texts: tuple[str, ...]) -> Q:
    return reduce(and_, (Q(search_text__contains=text) for text in texts))


def _nearly_has(word: Word) -> Q:
    like = [Q(_Like(F("search_text"), pattern)) for pattern in word.nearly]
    return reduce(or_, like, _has(word))


def _narrowed(rows: QuerySet[Row], words: list[Word]) -> QuerySet[Row]:
    """On SQLite only rows in the index, which lacks words of one or two characters."""
    known = [word for word in words if all(_is_indexed(way) for way in word.ways)]
    if connections[rows.db].vendor != "sqlite" or not known:
        return rows
    asked = " AND ".join(f"({_match(word)})" for word in known)
    return rows.filter(pk__in=RawSQL(candidates(rows.model._meta.db_table), (asked,)))  # noqa: S611


def _match(word: Word) -> str:
    """FTS5's expression for the word (sqlite.org/fts5.html 3): quoted input is text."""
    ways = [
        " AND ".join('"' + text.replace('"', '""') + '"' for text in way if len(text) >= TRIGRAM)
        for way in word.ways
    ]
    return " OR ".join(f"({way})" for way in ways)


def _is_indexed(way: tuple[str, ...]) -> bool:
    return any(len(text) >= TRIGRAM for text in way)
