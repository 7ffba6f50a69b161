from core.actor import Actor
from identities.models import Channel
from identities.providers.http import token_of
from identities.providers.resend import api


def test(_: Actor, channel: Channel) -> None:
    """Try the key; raises Denied and Unavailable."""
    api.check(token_of(channel))
