"""The settings of each kind of channel: stored beside the secret, none of it secret."""

from identities.models import Kind
from identities.providers.hubspot.schemas import HubspotSettings
from identities.providers.linkedin.schemas import LinkedinSettings
from identities.providers.mcp.schemas import McpSettings
from identities.providers.resend.schemas import ResendSettings
from identities.providers.slack.schemas import SlackSettings

Settings = SlackSettings | ResendSettings | HubspotSettings | LinkedinSettings | McpSettings

SETTINGS: dict[Kind, type[Settings]] = {
    Kind.SLACK: SlackSettings,
    Kind.RESEND: ResendSettings,
    Kind.HUBSPOT: HubspotSettings,
    Kind.LINKEDIN: LinkedinSettings,
    Kind.MCP: McpSettings,
}
