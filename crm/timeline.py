"""What happened around a contact, merged from many tables: where upper apps add theirs (rules 2).

Entries stand newest first. Of the same moment, the kind that comes later in `KINDS` stands first,
and within a kind the later id: one order over all tables, so a position in it can be gone on from.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

from django.db.models import Model, Q, QuerySet

from core.access import Scope
from core.actor import Actor
from crm.queries.windows import Window
from crm.schemas.timeline import KINDS, Entry

Row = TypeVar("Row", bound=Model)


class Position(NamedTuple):
    """Where an entry stands; a larger one stands earlier."""

    at: datetime
    rank: int
    id: str


Placed = tuple[Position, Entry]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a source is asked for: at most `limit` entries of the contact that come after `last`,
    inside the window, with texts of at most `letters` letters.
    """

    contact_id: str
    window: Window
    last: Position | None
    limit: int
    letters: int

    def of(self, rows: QuerySet[Row], kind: str, column: str) -> QuerySet[Row]:
        """The rows to show, newest first; `column` is their time and never changes."""
        wanted = rows.filter(self.window.of(column)).filter(self._after(rank_of(kind), column))
        return wanted.order_by(f"-{column}", "-pk")[: self.limit]

    def shortened(self, text: str) -> tuple[str, bool | None]:
        """The text as far as it is shown, and True where that is not all of it."""
        if len(text) <= self.letters:
            return text, None
        return text[: self.letters - 1] + "…", True

    def _after(self, rank: int, column: str) -> Q:
        last = self.last
        if last is None:
            return Q()
        if rank > last.rank:
            return Q(**{f"{column}__lt": last.at})
        # The bound on the column alone is what an index begins at.
        since = Q(**{f"{column}__lte": last.at})
        if rank < last.rank:
            return since
        return since & (Q(**{f"{column}__lt": last.at}) | Q(pk__lt=last.id))


@dataclass(frozen=True, slots=True)
class Source:
    """A table of entries of one kind, for actors that hold `scope`."""

    kind: str
    scope: Scope
    read: Callable[[Actor, Asked], list[Placed]]


sources: list[Source] = []


def register(source: Source) -> None:
    """Add a source; called once by the app that owns it, when the project starts."""
    if source not in sources:
        sources.append(source)


def rank_of(kind: str) -> int:
    """How a kind stands among entries of the same moment."""
    return KINDS.index(kind)


def placed(at: datetime, key: object, entry: Entry) -> Placed:
    """An entry with its position."""
    return Position(at, rank_of(entry.type), str(key)), entry
