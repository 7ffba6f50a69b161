"""Contacts and companies as records of properties: comparing, setting and saving their values."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from core import clock
from core.actor import Actor
from core.answer_size import properties_within
from core.errors import Conflict
from core.outcomes import FieldPreview
from crm.models import Company, Contact
from crm.properties import Property, shown
from crm.search import index_of

Record = Contact | Company
Known = Mapping[str, Property]
Differences = dict[str, tuple[Any, Any]]

# How long a deleted record can be restored (data-12).
RESTORABLE = timedelta(days=30)
# Maximum characters of one record's properties: alone, and as a row of a list.
ROOM_ALONE, ROOM_IN_LIST = 9_000, 2_000


def differences(row: Record, known: Known, values: Mapping[str, Any]) -> Differences:
    """The current and wanted values, where they differ."""
    pairs = {key: (_value(row, known, key), new) for key, new in values.items()}
    return {key: (now, new) for key, (now, new) in pairs.items() if now != new}


def previews(known: Known, changes: Differences) -> list[FieldPreview]:
    """The same as a card shows it."""
    return [
        FieldPreview(field=key, label=label_of(known, key), now=shown(now), will_be=shown(new))
        for key, (now, new) in changes.items()
    ]


def address_of(row: Record | None) -> str:
    """How our messages name a record: its own name is external text (security-10)."""
    if row is None:
        return ""
    return row.email if isinstance(row, Contact) else row.domain


def label_of(known: Known, key: str) -> str:
    """The name people know a property by; a custom one's own key."""
    return known[key].label if key in known else key


def properties_of(row: Record, known: Known, room: int) -> dict[str, Any]:
    """The non-empty properties, limited to `room` characters, as `properties` of an answer.

    `cut_properties` says how many did not fit.
    """
    columns = {key: getattr(row, key) for key in known}
    filled = {key: value for key, value in columns.items() if value not in {"", None}}
    kept, cut = properties_within({**filled, **row.properties}, room)
    return {"properties": kept, "cut_properties": cut or None}


def assign(row: Record, known: Known, values: Mapping[str, Any], actor: Actor) -> None:
    """Set the values and who set them, without saving; `None` clears."""
    at = clock.iso(clock.now())
    for key, value in values.items():
        _set(row, known, key, value)
        row.provenance[key] = {"source": actor.kind, "at": at}


def save_changed(row: Record, known: Known, keys: Mapping[str, Any], *also: str) -> None:
    """Save the changed properties and bump the version, by compare-and-set on the version read.

    `also` names further columns that changed. Raises Conflict after a concurrent change.
    """
    seen = row.version
    row.version = seen + 1
    row.updated_at = clock.now()
    columns = {key for key in keys if key in known}
    fields = {*columns, *also, "properties", "provenance", "version", "updated_at", "search_text"}
    same = {"workspace_id": row.workspace_id, "pk": row.pk, "version": seen}
    rows = (
        Contact.objects.filter(**same)
        if isinstance(row, Contact)
        else Company.objects.filter(**same)
    )
    if not rows.update(**{name: getattr(row, name) for name in fields}):
        noun = row._meta.verbose_name
        raise Conflict(f"The {noun} was changed at the same time.", hint="Read it and try again.")


def column_of(row: Record) -> dict[str, Record]:
    """The column of a note or task that points at the record."""
    return {"contact" if isinstance(row, Contact) else "company": row}


def index(row: Record) -> None:
    """Set `search_text`; call it before saving."""
    row.search_text = index_of(*_words(row))


@contextmanager
def or_conflict(conflict: Conflict) -> Iterator[None]:
    """Turn a violated unique constraint inside the block into the given refusal."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise conflict from None


def _words(row: Record) -> tuple[str, ...]:
    if isinstance(row, Company):
        return row.name, row.domain, row.industry
    company = (row.company.name, row.company.domain) if row.company else ()
    return row.full_name, row.email, row.jobtitle, *company


def _value(row: Record, known: Known, key: str) -> Any:
    if key not in known:
        return row.properties.get(key)
    value = getattr(row, key)
    return None if value == "" else value


def _set(row: Record, known: Known, key: str, value: Any) -> None:
    if key not in known:
        if value is None:
            row.properties.pop(key, None)
        else:
            row.properties[key] = value
        return
    is_nullable = known[key].kind is not str
    setattr(row, key, value if value is not None or is_nullable else "")


def restorable() -> Q:
    """Rows that exist or were deleted less than 30 days ago."""
    return Q(deleted_at=None) | Q(deleted_at__gt=clock.now() - RESTORABLE)
