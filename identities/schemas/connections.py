"""An admin's settings of an external MCP server."""

from typing import Annotated

from pydantic import Field, SecretStr, field_validator, model_validator

from core.schemas import Arguments, Line


class ServerSettings(Arguments):
    """A server's new settings.

    A secret of None keeps the stored one if URL, header and client stay. `secret` is the header's
    value, `client_secret` that of a client registered by hand.
    """

    name: Annotated[Line, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
    url: Annotated[Line, Field(max_length=500)]
    header: Annotated[Line, Field(pattern=r"^([A-Za-z][A-Za-z0-9-]{0,63})?$")] = ""
    secret: SecretStr | None = Field(None, repr=False)
    client_id: Annotated[Line, Field(max_length=500)] = ""
    client_secret: SecretStr | None = Field(None, repr=False)

    @field_validator("url")
    @classmethod
    def _a_web_address(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")) or "@" in value or "#" in value:
            raise ValueError("must be a URL like https://mcp.example.com/mcp, without credentials")
        return value

    @field_validator("secret", "client_secret")
    @classmethod
    def _plain(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value() if value else ""
        if len(text) > 4000 or not text.isascii() or (text and not text.isprintable()):
            raise ValueError("must be one line of ASCII characters")
        return value

    @model_validator(mode="after")
    def _is_one_way_in(self) -> "ServerSettings":
        if self.secret and self.client_id:
            raise ValueError("set either a header secret or an OAuth client")
        if self.client_secret and not self.client_id:
            raise ValueError("a client secret needs a client ID")
        return self
