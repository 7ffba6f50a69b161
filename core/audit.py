"""The audit log: one row for every change and refusal, in the change's own transaction."""

from collections.abc import Iterable, Mapping

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F

from core import clock
from core.actor import Actor
from core.models import AuditEntry, Pulse, UnsealedEntry


def record(
    actor: Actor,
    verb: str,
    *,
    verdict: str = "done",
    object_ids: Mapping[str, str] | None = None,
    fields: Iterable[str] = (),
) -> AuditEntry:
    """Write one audit row and move the workspace's pulse.

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
    if actor.workspace_id:
        _beat(actor.workspace_id)
    return entry


def pulse_of(workspace_id: str) -> int:
    """How often anything changed in the workspace; grows with every recorded change."""
    row = Pulse.objects.filter(workspace_id=workspace_id).values_list("beat", flat=True).first()
    return row or 0


def _beat(workspace_id: str) -> None:
    if Pulse.objects.filter(workspace_id=workspace_id).update(beat=F("beat") + 1):
        return
    try:
        with transaction.atomic():
            Pulse.objects.create(workspace_id=workspace_id, beat=1)
    except IntegrityError:
        Pulse.objects.filter(workspace_id=workspace_id).update(beat=F("beat") + 1)
