"""Hot reads: a queryset's SQL is written once in a process; a call only fills in its ids.

The ORM needs longer to write a lookup's SQL than PostgreSQL to answer it. The queryset stays what
it is, with its rules about who may see what; only the writing is not repeated.
"""

import copy
import uuid
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Count, QuerySet

from core.ids import NOWHERE, decode, encode

Row = TypeVar("Row")


class Compiled(Generic[Row]):
    """A question whose only values are public ids, e.g. `Compiled(_events_of, "ws", "ct")`.

    `build` makes the queryset from ids of these prefixes. What it looks at beyond them must be the
    same at every call.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], *prefixes: str) -> None:
        self._build, self._prefixes = build, prefixes
        # Ids nobody has, to be recognised among the statement's values.
        self._marks = [uuid.UUID(int=number) for number in range(1, len(prefixes) + 1)]
        self._made: dict[str, tuple[QuerySet[Any, Row], Any, str, list[Any]]] = {}

    def rows(self, *ids: str) -> list[Row]:
        """The rows for these ids, in the order of the prefixes; what is no id finds nothing."""
        vendor = connection.vendor
        if vendor not in self._made:
            self._made[vendor] = self._make()
        rows, compiler, sql, slots = self._made[vendor]
        given = zip(self._prefixes, ids, strict=True)
        stored = [_stored(decode(prefix, text) or NOWHERE) for prefix, text in given]
        values = tuple(stored[slot.place] if isinstance(slot, _Slot) else slot for slot in slots)
        # A compiler of its own: this one belongs to the thread's connection and these values.
        own = copy.copy(compiler)
        own.connection = connection
        own.as_sql = lambda *_, **__: (sql, values)
        asked: Any = rows.all()
        asked.query.get_compiler = lambda *_, **__: own
        return list(asked)

    def _make(self) -> tuple[QuerySet[Any, Row], Any, str, list[Any]]:
        marks = [
            encode(prefix, mark) for prefix, mark in zip(self._prefixes, self._marks, strict=True)
        ]
        rows = self._build(*marks)
        compiler: Any = rows.query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        places = {_stored(mark): place for place, mark in enumerate(self._marks)}
        slots = [_Slot(places[v]) if _is_mark(v, places) else v for v in values]
        return rows, compiler, sql, slots


def number_of(rows: QuerySet[Any, Any]) -> QuerySet[Any, int]:
    """How many rows of one workspace there are, as a queryset; no row stands for none."""
    groups = rows.order_by().values("workspace").annotate(number=Count("*"))
    numbers: QuerySet[Any, int] = groups.values_list("number", flat=True)
    return numbers


class _Slot:
    """Where one of the ids goes."""

    def __init__(self, place: int) -> None:
        self.place = place


def _is_mark(value: Any, places: dict[Any, int]) -> bool:
    return isinstance(value, uuid.UUID | str) and value in places


def _stored(value: uuid.UUID) -> uuid.UUID | str:
    return value if connection.features.has_native_uuid_field else value.hex
