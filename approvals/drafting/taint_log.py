"""Records the external text an app received: it taints the app's next drafts (security-8)."""

from datetime import timedelta

from approvals.models import ExternalRead
from core import clock
from core.actor import Actor
from core.db import unit

OBJECTS_KEPT = 10
# An app that keeps reading causes at most one write per this period.
GRAIN = timedelta(seconds=5)


def record_taint(actor: Actor, objects: list[str]) -> None:
    """Record that the app just received external text, and in which objects."""
    client = actor.client
    if client is None or not objects:
        return
    row = ExternalRead.objects.filter(
        workspace_id=actor.workspace_id, connection_id=client.connection_id
    ).first()
    moment = clock.now()
    if row is not None and moment - row.at < GRAIN:
        return
    earlier = row.objects_read if row else []
    newest = list(dict.fromkeys([*objects, *earlier]))[:OBJECTS_KEPT]
    with unit():
        ExternalRead.objects.update_or_create(
            workspace_id=actor.workspace_id,
            connection_id=client.connection_id,
            defaults={"at": moment, "objects_read": newest},
        )
