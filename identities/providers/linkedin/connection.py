"""Testing a connected LinkedIn account."""

from core.actor import Actor
from core.errors import Unavailable
from identities.channels import settings_of
from identities.models import Channel
from identities.providers.http import Denied
from identities.providers.linkedin.client import Refused, Standing
from identities.providers.linkedin.schemas import LinkedinSettings
from identities.providers.linkedin.unipile import Unipile
from identities.services.connections import set_fact


def test(actor: Actor, channel: Channel) -> None:
    """Store the profile's name; raises Denied and Unavailable."""
    account_id = settings_of(channel, LinkedinSettings).account_id
    try:
        account = Unipile().account(account_id)
    except Refused as refusal:
        raise Denied(refusal.sentence) from refusal
    if account.standing is Standing.CONNECTING:
        raise Unavailable("LinkedIn is connecting.", hint="Ask again in a minute.")
    if account.standing is not Standing.CONNECTED:
        raise Denied("LinkedIn no longer accepts this session. Connect it again.")
    set_fact(actor, channel, profile_name=account.name)
