"""Testing the connection to an external MCP server."""

from core.actor import Actor
from identities.models import Channel
from identities.providers.mcp import servers
from identities.services.connections import refresh_listing


def test(actor: Actor, channel: Channel) -> None:
    """Store the tools the server offers now; raises Denied and Unavailable."""
    refresh_listing(actor, channel, servers.offered(channel))
