"""How much and when a sender sends, and its address at Resend: set by an admin."""

from typing import Any

from django.db.models import F

from accounts.services import doors
from accounts.services.members import require_admin
from core import addresses, audit
from core.actor import Actor
from core.db import unit
from core.errors import NotFound
from identities.models import Identity
from identities.schemas.mailboxes import LimitsWish


def set_limits(actor: Actor, identity_id: str, wish: LimitsWish) -> None:
    """Set the sender's limits; what waits is measured by them from now on."""
    require_admin(actor)
    _update(actor, identity_id, "identities.limits.set", **wish.model_dump())


def set_resend_address(actor: Actor, identity_id: str, address: str) -> None:
    """The address the sender has at Resend; empty for none. A door: needs a fresh login."""
    doors.require(actor)
    found = addresses.normal(address, field="resend_address") if address else ""
    with unit():
        facts = {"resend_address": found, "version": F("version") + 1}
        _update(actor, identity_id, "identities.resend_address.set", **facts)
        if found:
            doors.announce(actor, "Resend address", found)


def _update(actor: Actor, identity_id: str, verb: str, **facts: Any) -> None:
    with unit():
        rows = Identity.objects.visible_to(actor).active().filter(pk=identity_id)
        if not rows.update(**facts):
            raise NotFound("identity")
        audit.record(actor, verb, object_ids={"identity_id": identity_id}, fields=facts)
