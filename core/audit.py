"""The audit log: one row for every change and refusal, in the change's own transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import QuerySet

from core import clock
from core.actor import Actor
from core.models import AuditEntry, ChangeCounter, UnsealedEntry

# By then every transaction has ended, so no row with an earlier time can still appear.
SETTLED = timedelta(minutes=2)


def record(
    actor: Actor,
    verb: str,
    *,
    verdict: str = "done",
    object_ids: Mapping[str, str] | None = None,
    fields: Iterable[str] = (),
) -> AuditEntry:
    """Write one audit row, which also moves the workspace's counter.

    Call it inside the transaction of what it records: if the row fails, so does the change. The row
    of an actor without a workspace (an operator) has none.
    """
    client = actor.client
    entry = AuditEntry.objects.create(
        workspace_id=actor.workspace_id or None,
        at=clock.now(),
        actor_kind=actor.kind,
        actor_name=actor.name[:200],
        user_id=actor.user_id,
        surface=actor.surface,
        client=f"{client.name} at {client.host}"[:200] if client else "",
        connection_id=client.connection_id if client else "",
        verb=verb,
        verdict=verdict,
        object_ids=dict(object_ids or {}),
        fields=sorted(fields),
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64],
    )
    UnsealedEntry.objects.create(entry_id=entry.pk, workspace_id=entry.workspace_id, at=entry.at)
    return entry


def record_call(actor: Actor, operation: str, given: Mapping[str, Any], *, verdict: str) -> None:
    """Write the audit row of an operation: its ids and field names, never its values."""
    properties = given.get("properties")
    inner = [f"properties.{key}" for key in properties] if isinstance(properties, dict) else []
    record(actor, operation, verdict=verdict, object_ids=ids_in(given), fields=[*given, *inner])


def ids_in(given: Mapping[str, Any]) -> dict[str, str]:
    """The ids among arguments; no other value is stored."""
    return {name: str(value) for name, value in given.items() if name.endswith("_id") and value}


def changes_of(workspace_id: str) -> int:
    """The workspace's change counter; grows with every recorded change.

    It is the number of the workspace's audit rows, so writers share no row and never wait for each
    other. The count of old rows is stored; only the last minutes are counted each time.
    """
    counter = ChangeCounter.objects.filter(workspace_id=workspace_id).first() or ChangeCounter(
        workspace_id=workspace_id
    )
    until = clock.now() - SETTLED
    if counter.counted_until is None or until - counter.counted_until > SETTLED:
        counter = _counted(counter, until)
    return counter.changes + _rows(counter).count()


def _rows(counter: ChangeCounter) -> QuerySet[AuditEntry]:
    """The workspace's rows that the stored count does not include."""
    rows = AuditEntry.objects.filter(workspace_id=counter.workspace_id)
    return rows if counter.counted_until is None else rows.filter(at__gt=counter.counted_until)


def _counted(counter: ChangeCounter, until: datetime) -> ChangeCounter:
    """The counter, with rows up to `until` in the stored count; one of two writers stores it."""
    grown = ChangeCounter(
        workspace_id=counter.workspace_id,
        changes=counter.changes + _rows(counter).filter(at__lte=until).count(),
        counted_until=until,
    )
    if counter.counted_until is None:
        ChangeCounter.objects.bulk_create([grown], ignore_conflicts=True)
        return grown
    same = ChangeCounter.objects.filter(
        workspace_id=counter.workspace_id, counted_until=counter.counted_until
    )
    same.update(changes=grown.changes, counted_until=until)
    return grown
