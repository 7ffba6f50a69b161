"""The form of an external MCP server."""

from typing import Any

from django import forms

from identities.forms import SecretField, ValuesForm
from identities.models import Channel
from identities.providers.mcp.schemas import McpSettings
from identities.schemas.connections import ServerSettings


class ServerForm(ValuesForm):
    """An external MCP server."""

    schema = ServerSettings

    name = forms.SlugField(
        label="Name",
        max_length=60,
        help_text="Lower-case letters, digits and dashes. Assistants use this name.",
    )
    url = forms.URLField(
        label="URL", max_length=500, assume_scheme="https", help_text="Its MCP endpoint, https."
    )
    header = forms.CharField(
        label="Header",
        max_length=64,
        required=False,
        initial="Authorization",
        help_text="The header that carries the secret. Leave empty if the server needs none.",
    )
    secret = SecretField(
        "Secret",
        "The whole header value, like Bearer abc123. Stored encrypted and never shown again.",
        required=False,
    )

    client_id = forms.CharField(
        label="Client ID",
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    client_secret = SecretField(
        "Client secret",
        "Leave empty for a public client. Stored encrypted and never shown again.",
        required=False,
    )

    @classmethod
    def of(cls, channel: Channel, given: McpSettings) -> "ServerForm":
        """The form as the server is now; never its secrets."""
        shown = {"url": given.url, "header": given.header, "client_id": given.client_id}
        return cls(initial={"name": channel.name, **shown})

    def given_values(self) -> dict[str, Any]:
        """No secret keeps the stored one."""
        given = self.cleaned_data
        return given | {name: given[name] or None for name in ("secret", "client_secret")}
