"""Reading the audit log of one workspace: filtered, a page at a time, or whole as a file."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from core.models import AuditEntry, AuditSeal

_BATCH = 500
# Characters that start a formula in spreadsheets, with wide forms (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
COLUMNS = (
    *("number", "at", "who", "kind", "verb", "verdict", "surface", "client", "objects", "fields"),
    *("request_id", "entry_id", "digest"),
)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """A filter of rows; empty means all. `until` is inclusive, a whole day."""

    who: str = ""
    verb: str = ""
    object_id: str = ""
    since: date | None = None
    until: date | None = None


def rows(workspace_id: str, wanted: AuditFilter) -> QuerySet[AuditEntry]:
    """The matching rows of a workspace, newest first."""
    found = AuditEntry.objects.filter(workspace_id=workspace_id)
    if wanted.who:
        found = found.filter(Q(actor_name__icontains=wanted.who) | Q(client__icontains=wanted.who))
    if wanted.verb:
        found = found.filter(verb__icontains=wanted.verb)
    if wanted.object_id:
        text = Cast("object_ids", TextField())
        found = found.alias(ids=text).filter(ids__contains=json.dumps(wanted.object_id))
    if wanted.since:
        found = found.filter(at__gte=_midnight(wanted.since))
    if wanted.until:
        found = found.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    return found.order_by("-at", "-pk")


def as_csv(found: QuerySet[AuditEntry]) -> Iterator[str]:
    """Lines of CSV, oldest row first; no cell starts a spreadsheet formula."""
    yield _csv_line(COLUMNS)
    for entry, seal in _with_seals(found):
        facts = _facts(entry, seal)
        yield _csv_line([_cell(facts[name]) for name in COLUMNS])


def as_json_lines(found: QuerySet[AuditEntry]) -> Iterator[str]:
    """One JSON object per line, oldest row first, with everything the row's hash covers."""
    for entry, seal in _with_seals(found):
        facts = _facts(entry, seal) | {
            "previous": seal.previous if seal else None,
            "sealed_at": _exact(seal.sealed_at) if seal else None,
            "user_id": entry.user_id,
            "connection_id": entry.connection_id,
            "workspace_id": entry.workspace_id,
        }
        yield json.dumps(facts, ensure_ascii=False) + "\n"


FORMATS: dict[str, tuple[Callable[[QuerySet[AuditEntry]], Iterator[str]], str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "jsonl": (as_json_lines, "application/x-ndjson"),
}


def seals_of(entries: list[AuditEntry]) -> dict[str, AuditSeal]:
    """The places of these rows in the chain, by the row's id."""
    found = AuditSeal.objects.filter(entry_id__in=[entry.pk for entry in entries])
    return {str(seal.entry_id): seal for seal in found}


def _with_seals(found: QuerySet[AuditEntry]) -> Iterator[tuple[AuditEntry, AuditSeal | None]]:
    """Batches by key: no cursor stays open and memory stays bounded."""
    after = ""
    ordered = found.order_by("pk")
    while batch := list((ordered.filter(pk__gt=after) if after else ordered)[:_BATCH]):
        seals = seals_of(batch)
        yield from ((entry, seals.get(str(entry.pk))) for entry in batch)
        after = str(batch[-1].pk)


def _facts(entry: AuditEntry, seal: AuditSeal | None) -> dict[str, Any]:
    return {
        "number": seal.number if seal else None,
        "at": _exact(entry.at),
        "who": entry.actor_name,
        "kind": entry.actor_kind,
        "verb": entry.verb,
        "verdict": entry.verdict,
        "surface": entry.surface,
        "client": entry.client,
        "objects": entry.object_ids,
        "fields": entry.fields,
        "request_id": entry.request_id,
        "entry_id": entry.pk,
        "digest": seal.digest if seal else None,
    }


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv_line(cells: Any) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _exact(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
