"""Adding addresses to the suppression list and removing them: admins only."""

from django.db import IntegrityError, transaction

from approvals.models import Suppression
from core import addresses, audit, clock
from core.actor import Actor
from core.db import unit
from core.errors import NotFound, ValidationFailed
from core.page_operations import Done, page_operation
from core.schemas import plain_name

_ADD = "approvals.suppression.add"


def suppress(actor: Actor, address: str, reason: str) -> None:
    """Suppress an address: the system does it for unsubscribes, bounces and complaints.

    An existing entry is unchanged. Raises ValidationFailed for an invalid address.
    """
    with unit():
        row = _added(actor, address, reason)
        if row is not None:
            ids = {"suppression_id": str(row.pk)}
            audit.record(actor, _ADD, object_ids=ids, fields=[reason])


@page_operation(_ADD)
def suppress_by_hand(actor: Actor, address: str, note: str = "") -> Done:
    """As `suppress`, for an admin."""
    row = _added(actor, address, "by_hand", note)
    if row is None:
        return Done(changed=False)
    return Done(object_ids={"suppression_id": str(row.pk)}, fields=["by_hand"])


@page_operation("approvals.suppression.lift")
def lift(actor: Actor, suppression_id: str, because: str) -> Done:
    """Remove the suppression of an address; the reason stays on record."""
    because = plain_name(because, 300)
    if not because:
        raise ValidationFailed("Say why messages to it are allowed again.", field="because")
    held = Suppression.objects.visible_to(actor).holding().filter(pk=suppression_id)
    changed = held.update(
        lifted_at=clock.now(), lifted_by_name=actor.name[:200], lifted_because=because
    )
    if not changed:
        raise NotFound("address on the list")
    return Done(fields=())


def _added(actor: Actor, address: str, reason: str, note: str = "") -> Suppression | None:
    """The new row, or None for an address already listed."""
    try:
        with transaction.atomic():
            return Suppression.objects.create(
                workspace_id=actor.workspace_id,
                address=addresses.normalize(address.strip(), field="address"),
                reason=reason,
                note=plain_name(note, 300),
                added_by_name=actor.name[:200],
                added_at=clock.now(),
            )
    except IntegrityError:
        return None
