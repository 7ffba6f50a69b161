"""Tools about senders."""

from tools.base import Tool

TOOLS = (
    Tool(
        name="list_identities",
        title="List senders",
        description="""
            The senders of this workspace and whether their channels are ready. A message needs
            the identity_id of one; credentials are never shown.
        """,
        operation="identities.identity.list",
        examples=({}, {"channel": "email"}),
    ),
    Tool(
        name="get_identity",
        title="Get a sender",
        description="""
            One sender: its channels and their state, signature, daily limits, what it sent today,
            quiet hours. Limits and quiet hours make a message wait, they never drop it.
        """,
        operation="identities.identity.get",
        examples=({"identity_id": "id_01jd0000000000000000000000"},),
    ),
)
