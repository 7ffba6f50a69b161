"""The settings of each kind of channel: what is stored beside the secret, none of it secret."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from core.schemas import Arguments, Line
from identities.models import Kind


class SlackChannel(Arguments):
    """A Slack channel as Slack named it; messages go only to allowed ones (sending-8).

    `is_shared`: people of other organisations read it.
    """

    id: str
    name: str
    is_shared: bool = False
    is_allowed: bool = False


class SlackSettings(Arguments):
    """A Slack workspace and its channels, as the bot token sees them."""

    team_id: str = ""
    team: str = ""
    channels: list[SlackChannel] = Field(default_factory=list)

    def allowed(self, channel_id: str) -> SlackChannel | None:
        """The channel of this id, when an admin allowed it."""
        found = (row for row in self.channels if row.id == channel_id and row.is_allowed)
        return next(found, None)


class ResendSettings(Arguments):
    """Resend: the sender addresses stand with the senders."""


class HubspotSettings(Arguments):
    """The HubSpot account a private app's token belongs to."""

    portal_id: int | None = None


class LinkedinSettings(Arguments):
    account_id: str = ""
    profile_name: str = ""


class McpTool(Arguments):
    """A tool an external MCP server offers, pinned to what an admin read (sending-10).

    `pin` is `identities.pins.pin_of` its name, description and input schema; a tool whose pin is
    another now is another tool.
    """

    name: str
    description: str = ""
    pin: str
    is_allowed: bool = False


class SignsIn(StrEnum):
    """How our client shows who it is at a token endpoint (RFC 7591 2)."""

    NONE = "none"
    BASIC = "client_secret_basic"
    POST = "client_secret_post"


class McpOAuth(Arguments):
    """Where an MCP server's tokens come from, and our client there (identities/mcp_oauth.py)."""

    issuer: str
    resource: str
    authorize_url: str
    token_url: str
    client_id: str
    signs_in: SignsIn = SignsIn.NONE
    scope: str = ""


class McpSettings(Arguments):
    """An external MCP server. `header` carries the secret, unchanged; empty: it needs none.

    With `oauth` the secret are tokens of there; `wanted` is the same while an admin is being asked.
    `client_id` is of a client an admin registered there by hand; its secret stands with the tokens.
    """

    url: str
    header: Annotated[Line, Field(pattern=r"^([A-Za-z][A-Za-z0-9-]{0,63})?$")] = ""
    client_id: str = ""
    tools: list[McpTool] = Field(default_factory=list)
    oauth: McpOAuth | None = None
    wanted: McpOAuth | None = None

    def allowed(self, name: str) -> McpTool | None:
        """The tool of this name, when an admin allowed it."""
        found = (tool for tool in self.tools if tool.name == name and tool.is_allowed)
        return next(found, None)


Settings = SlackSettings | ResendSettings | HubspotSettings | LinkedinSettings | McpSettings

SETTINGS: dict[Kind, type[Settings]] = {
    Kind.SLACK: SlackSettings,
    Kind.RESEND: ResendSettings,
    Kind.HUBSPOT: HubspotSettings,
    Kind.LINKEDIN: LinkedinSettings,
    Kind.MCP: McpSettings,
}
