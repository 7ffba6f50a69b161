"""Testing a HubSpot connection."""

from core.actor import Actor
from identities.models import Channel
from identities.providers.http import token_of
from identities.providers.hubspot import api
from identities.services.connections import set_fact


def test(actor: Actor, channel: Channel) -> None:
    """Keep the HubSpot account's id; raises Denied and Unavailable."""
    set_fact(actor, channel, portal_id=api.portal_of(token_of(channel)))
