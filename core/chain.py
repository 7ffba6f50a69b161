"""Verifying the audit chain: is every row present, unchanged and in its place?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from core import clock
from core.models import AuditEntry, AuditSeal, ChainCheck, UnsealedEntry
from core.seals import START, digest_of

UNSEALED_AT_MOST = timedelta(seconds=60)
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Report:
    """The result of checking a whole chain.

    `rows` is the number of valid rows, `head` the hash of the last one, `fault` a sentence about
    the first error, or empty.
    """

    workspace_id: str | None
    rows: int
    head: str
    fault: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """A hash noted outside the database: the chain must still contain it in its place."""

    number: int
    digest: str


def verify(workspace_id: str | None, anchor: Anchor | None = None) -> Report:
    """Walk the chain of a workspace (None: the operators') from its start; bounded memory."""
    rows, head = 0, START
    for seal, entry in _pairs(workspace_id):
        fault = _fault(seal, entry, rows + 1, head) or _off_anchor(seal, anchor)
        if fault:
            return Report(workspace_id, rows, head, fault)
        rows, head = seal.number, seal.digest
    if anchor is not None and anchor.number > rows:
        return Report(
            workspace_id,
            rows,
            head,
            f"The chain ends at row {rows}; row {anchor.number} is missing.",
        )
    return Report(workspace_id, rows, head, _unsealed_fault(workspace_id))


def save_report(report: Report) -> ChainCheck:
    """Store the result of a check, for the page."""
    return ChainCheck.objects.create(
        workspace_id=report.workspace_id,
        at=clock.now(),
        rows=report.rows,
        head=report.head,
        fault=report.fault[:300],
    )


def last_check(workspace_id: str | None) -> ChainCheck | None:
    """The result of the last check."""
    return ChainCheck.objects.filter(workspace_id=workspace_id).order_by("-at", "-pk").first()


def chains() -> list[str | None]:
    """Every workspace with audit rows, and None if operators have some."""
    sealed = AuditSeal.objects.order_by().values_list("workspace_id", flat=True).distinct()
    written = AuditEntry.objects.order_by().values_list("workspace_id", flat=True).distinct()
    return sorted({*sealed, *written}, key=str)


def unsealed(workspace_id: str | None) -> QuerySet[AuditEntry]:
    """Rows without a place in the chain, found without the sealer's list."""
    seal = AuditSeal.objects.filter(entry_id=OuterRef("pk"))
    return AuditEntry.objects.filter(~Exists(seal), workspace_id=workspace_id)


def waiting_for_a_seal() -> tuple[int, datetime | None]:
    """The number of unsealed rows, and the moment of the oldest."""
    oldest = UnsealedEntry.objects.order_by("at").values_list("at", flat=True).first()
    return UnsealedEntry.objects.count(), oldest


def _pairs(workspace_id: str | None) -> Iterator[tuple[AuditSeal, AuditEntry | None]]:
    after = 0
    rows = AuditSeal.objects.filter(workspace_id=workspace_id).order_by("number", "pk")
    while seals := list(rows.filter(number__gt=after)[:_BATCH]):
        entries = AuditEntry.objects.in_bulk([seal.entry_id for seal in seals])
        yield from ((seal, entries.get(seal.entry_id)) for seal in seals)
        after = seals[-1].number


def _fault(seal: AuditSeal, entry: AuditEntry | None, number: int, head: str) -> str:
    if seal.number != number:
        return f"Row {number} of the chain is missing."
    if entry is None:
        return f"Row {number} of the chain, {seal.entry_id}, was deleted."
    if seal.previous != head:
        return f"Row {number}, {seal.entry_id}, does not follow the row before it."
    if seal.digest != digest_of(entry, number, head, seal.sealed_at):
        return f"Row {number}, {seal.entry_id}, was changed after it was sealed."
    return ""


def _off_anchor(seal: AuditSeal, anchor: Anchor | None) -> str:
    if anchor is None or anchor.number != seal.number or anchor.digest == seal.digest:
        return ""
    return f"Row {seal.number} does not match the noted head: the chain was rewritten."


def _unsealed_fault(workspace_id: str | None) -> str:
    late = unsealed(workspace_id).filter(at__lt=clock.now() - UNSEALED_AT_MOST)
    count = late.count()
    if not count:
        return ""
    oldest = late.order_by("at").values_list("pk", flat=True).first()
    words = "1 row has" if count == 1 else f"{count} rows have"
    return f"{words} waited for a seal for over 60 seconds, the oldest {oldest}."
