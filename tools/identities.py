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
)
