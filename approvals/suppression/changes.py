"""Putting an address on the suppression list, and taking it off: only an admin does that."""

from django.db import IntegrityError, transaction

from approvals.models import Suppression
from core import addresses, audit, clock
from core.access import Role
from core.actor import Actor, ActorKind
from core.db import unit
from core.errors import Forbidden, NotFound, ValidationFailed
from core.schemas import plain_name


def suppress(actor: Actor, address: str, reason: str = "by_hand", note: str = "") -> Suppression:
    """Send this address nothing any more; one that is there already stays as it is.

    The system does it for unsubscribes, bounces and complaints; of people, an admin by hand.
    Raises ValidationFailed for what is no address, Forbidden for apps, keys and other roles.
    """
    if actor.kind is not ActorKind.JOB:
        _require_admin(actor)
    folded = addresses.normalize(address.strip(), field="address")
    with unit():
        try:
            with transaction.atomic():
                row = Suppression.objects.create(
                    workspace_id=actor.workspace_id,
                    address=folded,
                    reason=reason,
                    note=plain_name(note, 300),
                    added_by_name=actor.name[:200],
                    added_at=clock.now(),
                )
        except IntegrityError:
            return (
                Suppression.objects.visible_to(actor).holding().filter(address=folded).latest("pk")
            )
        audit.record(
            actor,
            "approvals.suppression.add",
            object_ids={"suppression_id": str(row.pk)},
            fields=[reason],
        )
    return row


def lift(actor: Actor, entry_id: str, because: str) -> None:
    """Let the address get messages again; the reason stays on record.

    Raises Forbidden unless an admin in the dashboard does it, NotFound, ValidationFailed without
    a reason.
    """
    _require_admin(actor)
    because = plain_name(because, 300)
    if not because:
        raise ValidationFailed("Say why messages to it are allowed again.", field="because")
    with unit():
        held = Suppression.objects.visible_to(actor).holding().filter(pk=entry_id)
        changed = held.update(
            lifted_at=clock.now(), lifted_by_name=actor.name[:200], lifted_because=because
        )
        if not changed:
            raise NotFound("address on the list")
        audit.record(actor, "approvals.suppression.lift", object_ids={"suppression_id": entry_id})


def _require_admin(actor: Actor) -> None:
    if not actor.has_role(Role.ADMIN) or actor.kind is not ActorKind.PERSON:
        raise Forbidden("Only an admin can change the suppression list.", hint="Ask an admin.")
