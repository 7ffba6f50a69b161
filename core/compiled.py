"""Hot reads: a queryset's SQL is compiled once per process; a call only fills in its ids.

The ORM takes longer to compile a lookup than PostgreSQL to run it. The queryset keeps its
visibility rules; only the compilation is not repeated.
"""

import copy
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Count, QuerySet

from core.ids import NOWHERE, decode, encode

Row = TypeVar("Row")
# The prefix of an id, or a moment.
Kind = str | type[datetime]


class Compiled(Generic[Row]):
    """A query whose only parameters are ids and moments, e.g. `Compiled(_events_of, "ws", "ct")`.

    `build` makes the queryset from values of these kinds. Everything else it depends on must be the
    same for every call.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], *kinds: Kind) -> None:
        self._build, self._kinds = build, kinds
        # Placeholder values, to be recognised in the statement.
        self._marks = [_mark(kind, number) for number, kind in enumerate(kinds, 1)]
        self._made: dict[str, tuple[QuerySet[Any, Row], Any, str, list[Any]]] = {}

    def rows(self, *values: str | datetime) -> list[Row]:
        """The rows for these values, in the order of the kinds; an invalid id finds nothing."""
        vendor = connection.vendor
        if vendor not in self._made:
            self._made[vendor] = self._make()
        rows, compiler, sql, slots = self._made[vendor]
        given = zip(self._kinds, values, strict=True)
        stored = [_stored(kind, value) for kind, value in given]
        filled = tuple(stored[slot.place] if isinstance(slot, _Slot) else slot for slot in slots)
        # A new compiler: it belongs to this thread's connection and these values.
        own = copy.copy(compiler)
        own.connection = connection
        own.as_sql = lambda *_, **__: (sql, filled)
        asked: Any = rows.all()
        asked.query.get_compiler = lambda *_, **__: own
        return list(asked)

    def _make(self) -> tuple[QuerySet[Any, Row], Any, str, list[Any]]:
        rows = self._build(*self._marks)
        compiler: Any = rows.query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        marks = zip(self._kinds, self._marks, strict=True)
        places = {_stored(kind, mark): place for place, (kind, mark) in enumerate(marks)}
        slots = [_Slot(places[v]) if _is_mark(v, places) else v for v in values]
        return rows, compiler, sql, slots


def number_of(rows: QuerySet[Any, Any]) -> QuerySet[Any, int]:
    """The number of rows of one workspace, as a queryset; no row means zero."""
    groups = rows.order_by().values("workspace").annotate(number=Count("*"))
    numbers: QuerySet[Any, int] = groups.values_list("number", flat=True)
    return numbers


class _Slot:
    """The position of a parameter."""

    def __init__(self, place: int) -> None:
        self.place = place


def _mark(kind: Kind, number: int) -> str | datetime:
    if isinstance(kind, str):
        return encode(kind, uuid.UUID(int=number))
    return datetime.min.replace(tzinfo=UTC) + timedelta(days=number)


def _is_mark(value: Any, places: dict[Any, int]) -> bool:
    return isinstance(value, uuid.UUID | str | datetime) and value in places


def _stored(kind: Kind, value: str | datetime) -> Any:
    """The value as a statement parameter."""
    if not isinstance(kind, str):
        return connection.ops.adapt_datetimefield_value(value)  # type: ignore[arg-type]
    found = decode(kind, value) or NOWHERE
    return found if connection.features.has_native_uuid_field else found.hex
