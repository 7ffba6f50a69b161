"""The chain of the audit log: each row gets a number and a hash that covers the one before.

1. A row is written unchained, with a waiting row, in the transaction it records, so changes of one
   workspace do not wait for each other (data-7).
2. The sealer, a step of the dispatch loop, chains the waiting rows, oldest first.
3. One sealer works at a time: PostgreSQL by a lock for the transaction, SQLite by its one writer.
   The database refuses a duplicate number in any case.
4. The hash is SHA-256 over RFC 8785 (JSON canonicalisation) of the row, its number, the moment of
   sealing and the hash before. A hash noted elsewhere proves everything up to it.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

import rfc8785
import structlog
from django.db import connection

from core import clock
from core.db import unit
from core.models import AuditEntry, AuditSeal, UnsealedEntry

log = structlog.get_logger(__name__)

START = "0" * 64
BATCH = 500
_LOCK = 0x5EA1  # any number not used by another pg_advisory lock
_COLUMNS = (
    *("id", "workspace_id", "actor_kind", "actor_name", "user_id", "surface", "client"),
    *("connection_id", "verb", "verdict", "object_ids", "fields", "request_id"),
)


def seal_waiting() -> int:
    """Seal waiting rows, at most a batch per workspace; returns the number sealed."""
    places = UnsealedEntry.objects.values_list("workspace_id", flat=True).distinct()
    return sum(_seal(place) for place in list(places.order_by()))


def _seal(workspace_id: str | None) -> int:
    with unit():
        if not _is_ours_now():
            return 0
        waiting = UnsealedEntry.objects.filter(workspace_id=workspace_id).order_by("entry_id")
        ids = list(waiting.values_list("entry_id", flat=True)[:BATCH])
        entries = AuditEntry.objects.filter(pk__in=ids).order_by("pk")
        seals = _chained(workspace_id, list(entries))
        AuditSeal.objects.bulk_create(seals)
        UnsealedEntry.objects.filter(pk__in=ids).delete()
    if seals:  # logs are stored elsewhere, so the head is safe from changes in the database
        head = seals[-1]
        log.info("audit.sealed", chain=workspace_id, number=head.number, digest=head.digest)
    return len(seals)


def _is_ours_now() -> bool:
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _chained(workspace_id: str | None, entries: list[AuditEntry]) -> list[AuditSeal]:
    last = head_of(workspace_id)
    number, previous = (last.number, last.digest) if last else (0, START)
    moment = clock.now()
    seals = []
    for entry in entries:
        number += 1
        digest = digest_of(entry, number, previous, moment)
        seals.append(
            AuditSeal(
                workspace_id=workspace_id,
                number=number,
                entry_id=entry.pk,
                previous=previous,
                digest=digest,
                sealed_at=moment,
            )
        )
        previous = digest
    return seals


def head_of(workspace_id: str | None) -> AuditSeal | None:
    """The last seal of a workspace's chain, or of the operators'."""
    return AuditSeal.objects.filter(workspace_id=workspace_id).order_by("-number").first()


def digest_of(entry: AuditEntry, number: int, previous: str, sealed_at: datetime) -> str:
    """The hash of a row in its place, 64 hex characters; the same on every database."""
    facts: dict[str, Any] = {name: getattr(entry, name) for name in _COLUMNS}
    facts |= {"at": _exact(entry.at), "sealed_at": _exact(sealed_at)}
    return hashlib.sha256(
        rfc8785.dumps({**facts, "number": number, "previous": previous})
    ).hexdigest()


def _exact(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
