"""Reading senders."""

from core.access import Role, Scope
from core.actor import Actor
from core.operations import Effect, operation
from identities.models import Identity
from identities.schemas.identities import ChannelOut, IdentityList, IdentityOut, ListIdentities


@operation(
    "identities.identity.list",
    schema=ListIdentities,
    scope=Scope.IDENTITIES_READ,
    effect=Effect.READ,
    propose_role=Role.VIEWER,
)
def list_identities(actor: Actor, data: ListIdentities) -> IdentityList:
    """Every sender that may send, with its channels."""
    rows = Identity.objects.visible_to(actor).active().select_related("mailbox")
    if data.channel == "email":
        rows = rows.filter(mailbox__isnull=False)
    found = [identity_out(row) for row in rows.order_by("created_at", "id")]
    return IdentityList(identities=found, total=len(found))


def identity_out(identity: Identity) -> IdentityOut:
    """A sender as the APIs show it."""
    mailbox = getattr(identity, "mailbox", None)
    channels = (
        [ChannelOut(channel="email", address=mailbox.address, state="ready")] if mailbox else []
    )
    return IdentityOut(
        identity_id=str(identity.pk),
        id=str(identity.pk),
        name=str(identity),
        job_title=identity.job_title or None,
        channels=channels,
    )
