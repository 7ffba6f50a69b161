"""What happened around a contact, merged from many tables: where upper apps add theirs (layers-2).

Entries are sorted newest first; at the same moment by kind, the later one in `KINDS` first, then by
id, descending: one order over all tables, so a cursor can point into it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan

from core.access import Scope
from core.actor import Actor
from core.compiled import Compiled, Kind
from core.hooks import Hook
from crm.queries.windows import Window
from crm.schemas.timeline import KINDS, Entry

# Compiled queries kept: one per combination of dates, limit and cursor.
_FORMS_KEPT = 500


class Position(NamedTuple):
    """An entry's sort key; larger keys come first."""

    at: datetime
    rank: int
    id: str


# Only the entries of the page are built.
Placed = tuple[Position, Callable[[], Entry]]


@dataclass(frozen=True, slots=True)
class TimelineQuery:
    """A query to a source: at most `limit` entries of the contact after `last`, inside the window.

    Texts are cut to `letters` characters.
    """

    contact_id: str
    window: Window
    last: Position | None
    limit: int
    letters: int

    def shortened(self, text: str) -> tuple[str, bool | None]:
        """The truncated text, and True if it was cut."""
        if len(text) <= self.letters:
            return text, None
        return text[: self.letters - 1] + "…", True


@dataclass(frozen=True, slots=True)
class Source:
    """A table of entries of one kind, for actors that hold `scope`.

    `rows(actor, asked)` are the contact's that the actor may see, `column` their time, which never
    changes, and `prefix` that of their ids. The SQL of a question is written once: of its values
    only ids and moments may differ from call to call.
    """

    kind: str
    scope: Scope
    prefix: str
    column: str
    rows: Callable[[Actor, TimelineQuery], QuerySet[Any]]
    entry: Callable[[Actor, TimelineQuery, Any], Entry]

    def read(self, actor: Actor, asked: TimelineQuery) -> list[Placed]:
        """The requested entries, newest first."""
        given = _given(actor, asked, rank_of(self.kind))
        anyone = replace(actor, workspace_id="", user_id=None, name="", client=None)
        form = replace(asked, contact_id="", window=Window(), last=None)
        rank = None if asked.last is None else asked.last.rank
        question = _question(self, anyone, form, rank, tuple(given))
        return [
            (self._place_of(row), partial(self.entry, actor, asked, row))
            for row in question.rows(*given.values())
        ]

    def wanted(self, actor: Actor, asked: TimelineQuery) -> QuerySet[Any]:
        """The rows to show, newest first."""
        rows = self.rows(actor, asked).filter(asked.window.of(self.column))
        if asked.last is not None:
            rows = rows.filter(self._after(asked.last))
        return rows.order_by(f"-{self.column}", "-pk")[: asked.limit]

    def _place_of(self, row: Any) -> Position:
        return Position(getattr(row, self.column), rank_of(self.kind), str(row.pk))

    def _after(self, last: Position) -> Q:
        column, rank = self.column, rank_of(self.kind)
        if rank > last.rank:
            return Q(**{f"{column}__lt": last.at})
        # Where SQLite writes the comparison out, its index begins at this bound.
        since = Q(**{f"{column}__lte": last.at})
        if rank < last.rank:
            return since
        return since & Q(TupleLessThan(Tuple(F(column), F("pk")), (last.at, last.id)))


SOURCES = Hook[Source]()


def rank_of(kind: str) -> int:
    """The rank of a kind among entries of the same moment."""
    return KINDS.index(kind)


def _given(actor: Actor, asked: TimelineQuery, rank: int) -> dict[str, str | datetime]:
    """The parameters of a query that differ between calls, without unset ones."""
    last = asked.last
    values: dict[str, str | datetime | None] = {
        "workspace": actor.workspace_id,
        "user": actor.user_id,
        "contact": asked.contact_id,
        "since": asked.window.since,
        "until": asked.window.until,
        "at": last and last.at,
        "id": last.id if last is not None and last.rank == rank else None,
    }
    return {name: value for name, value in values.items() if value is not None}


@lru_cache(_FORMS_KEPT)
def _question(
    source: Source, anyone: Actor, form: TimelineQuery, rank: int | None, names: tuple[str, ...]
) -> Compiled[Any]:
    """The compiled query of a source with these parameters; `rank` is that of the cursor."""

    def rows(*values: Any) -> QuerySet[Any]:
        given = dict(zip(names, values, strict=True))
        last = None if rank is None else Position(given["at"], rank, given.get("id", ""))
        actor = replace(anyone, workspace_id=given["workspace"], user_id=given.get("user"))
        window = Window(given.get("since"), given.get("until"))
        asked = replace(form, contact_id=given["contact"], window=window, last=last)
        return source.wanted(actor, asked)

    kinds: dict[str, Kind] = {
        "workspace": "ws",
        "user": "usr",
        "contact": "ct",
        "id": source.prefix,
    }
    return Compiled(rows, *(kinds.get(name, datetime) for name in names))
