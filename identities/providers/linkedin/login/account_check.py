"""Asks the provider for an account's status, now."""

from core import clock
from core.access import Role, Scope
from core.actor import Actor
from core.operations import Effect, operation
from identities.models import Channel, Identity, Kind
from identities.models.connected import FAILING, OK
from identities.providers.linkedin.login.schemas import CheckLinkedin, LinkedinCheck
from identities.services.connection_tests import try_channel


@operation(
    "identities.linkedin.check",
    schema=CheckLinkedin,
    scope=Scope.IDENTITIES_WRITE,
    effect=Effect.READ,
    open_world=True,
    calls_out=True,
    propose_role=Role.ADMIN,
)
def check_connection(actor: Actor, data: CheckLinkedin) -> LinkedinCheck:
    """Whether the sender's account works; if it works again, waiting actions continue."""
    identity = Identity.objects.visible_to(actor).active().one(data.identity_id, "identity")
    rows = Channel.objects.visible_to(actor).filter(identity=identity, kind=Kind.LINKEDIN)
    channel = rows.first()
    if channel is None:
        return _said(identity, "not_connected", "No LinkedIn account is connected.")
    try_channel(actor, str(channel.pk))
    channel.refresh_from_db()
    status = {OK: "connected", FAILING: "unclear"}.get(channel.state, "disconnected")
    name = str(channel.settings.get("profile_name", ""))
    return _said(identity, status, channel.state_sentence or "Works.", name)


def _said(identity: Identity, status: str, message: str, name: str = "") -> LinkedinCheck:
    return LinkedinCheck.model_validate(
        {
            "identity_id": str(identity.pk),
            "status": status,
            "profile_name": name or None,
            "message": message,
            "checked_at": clock.now(),
        }
    )
