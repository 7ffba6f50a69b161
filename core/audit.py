"""The audit log: one row for every change and refusal, in the change's own transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import structlog
from django.db.models import QuerySet

from core import clock
from core.actor import Actor
from core.models import AuditEntry, Pulse, UnsealedEntry

# After this long every transaction has ended, so no row of an earlier time can still appear.
SETTLED = timedelta(minutes=2)


def record(
    actor: Actor,
    verb: str,
    *,
    verdict: str = "done",
    object_ids: Mapping[str, str] | None = None,
    fields: Iterable[str] = (),
) -> AuditEntry:
    """Write one audit row, which also moves the workspace's pulse.

    Call it inside the transaction of what it records: without the row, nothing happened. An actor
    of no workspace (an operator) writes a row of none.
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


def pulse_of(workspace_id: str) -> int:
    """How often anything changed in the workspace; grows with every recorded change.

    It is the number of the workspace's audit rows, so that writers share no row and never wait for
    each other. What is old is counted once and kept; only the last minutes are counted each time.
    """
    pulse = Pulse.objects.filter(workspace_id=workspace_id).first() or Pulse(
        workspace_id=workspace_id
    )
    until = clock.now() - SETTLED
    if pulse.counted_until is None or until - pulse.counted_until > SETTLED:
        pulse = _counted(pulse, until)
    return pulse.beat + _rows(pulse).count()


def _rows(pulse: Pulse) -> QuerySet[AuditEntry]:
    """The workspace's rows that the kept count leaves out."""
    rows = AuditEntry.objects.filter(workspace_id=pulse.workspace_id)
    return rows if pulse.counted_until is None else rows.filter(at__gt=pulse.counted_until)


def _counted(pulse: Pulse, until: datetime) -> Pulse:
    """The pulse with the rows up to `until` in the kept count; of two that count, one keeps it."""
    grown = Pulse(
        workspace_id=pulse.workspace_id,
        beat=pulse.beat + _rows(pulse).filter(at__lte=until).count(),
        counted_until=until,
    )
    if pulse.counted_until is None:
        Pulse.objects.bulk_create([grown], ignore_conflicts=True)
        return grown
    same = Pulse.objects.filter(workspace_id=pulse.workspace_id, counted_until=pulse.counted_until)
    same.update(beat=grown.beat, counted_until=until)
    return grown
