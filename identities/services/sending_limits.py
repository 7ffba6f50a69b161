"""How much and when a sender sends, and its address at Resend: set by an admin."""

from typing import Any

from django.db.models import F, Max

from accounts.services import access_grants
from core import addresses
from core.actor import Actor
from core.errors import NotFound
from core.models import AuditEntry
from core.page_operations import Done, page_operation, require_fresh_login
from identities.models import Identity, SendCount
from identities.schemas.mailboxes import LimitSettings

_ADDRESS_SET = "identities.resend_address.set"


@page_operation("identities.limits.set")
def set_limits(actor: Actor, identity_id: str, values: LimitSettings) -> Done:
    """Set the sender's limits; they apply to waiting messages at once."""
    return _update(actor, identity_id, **values.model_dump())


@page_operation(_ADDRESS_SET)
def set_resend_address(actor: Actor, identity_id: str, resend_address: str) -> Done:
    """The sender's address at Resend: external access. Removing it (empty) needs no fresh login."""
    found = ""
    if resend_address:
        require_fresh_login(actor)
        found = addresses.normalize(resend_address, field="resend_address")
        access_grants.announce(actor, "Resend address", found)
    return _update(actor, identity_id, resend_address=found, version=F("version") + 1)


def grants_of(actor: Actor) -> list[access_grants.AccessGrant]:
    """The addresses at Resend; the last audit row on each has who enabled it and when."""
    rows = Identity.objects.visible_to(actor).active().exclude(resend_address="")
    sent = SendCount.objects.visible_to(actor).filter(what__startswith="resend_")
    last_sent = dict(sent.values_list("identity_id").annotate(Max("last_at")))
    noted = AuditEntry.objects.filter(workspace_id=actor.workspace_id, verb=_ADDRESS_SET)
    opened = {row.object_ids.get("identity_id"): row for row in noted.order_by("at")}
    return [
        access_grants.AccessGrant(
            kind="Resend address",
            name=row.resend_address,
            opened_by=entry.actor_name if entry else "",
            since=entry.at if entry else row.created_at,
            last_used_at=last_sent.get(row.pk),
            route="close_resend_address",
            pk=str(row.pk),
        )
        for row in rows[:500]
        for entry in [opened.get(str(row.pk))]
    ]


def _update(actor: Actor, identity_id: str, **facts: Any) -> Done:
    rows = Identity.objects.visible_to(actor).active().filter(pk=identity_id)
    if not rows.update(**facts):
        raise NotFound("identity")
    return Done(fields=facts)
