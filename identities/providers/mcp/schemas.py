"""A call of an external MCP server's tool as it is proposed, and the settings of a server."""

import json
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, model_validator

from core.schemas import Arguments, Line

ARGUMENT_BYTES = 16_384


class McpToolCall(Arguments):
    """One call of a tool on an external MCP server, both allowed by an admin."""

    server: Annotated[Line, Field(max_length=60, description="Name of the server in Settings")]
    tool: Annotated[Line, Field(max_length=128, description="An allowed tool")]
    arguments: dict[str, Any] = Field({}, description="The tool's arguments")

    @model_validator(mode="after")
    def _small(self) -> "McpToolCall":
        if len(json.dumps(self.arguments, ensure_ascii=False).encode()) > ARGUMENT_BYTES:
            raise ValueError(f"arguments have at most {ARGUMENT_BYTES} bytes")
        return self


class McpTool(Arguments):
    """A tool of an external MCP server, pinned to the description an admin read (sending-10).

    `pin` is `pins.pin_of` its name, description and input schema; a changed pin means a different
    tool.
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
    """An MCP server's token issuer, and our client there (`oauth.py`)."""

    issuer: str
    resource: str
    authorize_url: str
    token_url: str
    client_id: str
    signs_in: SignsIn = SignsIn.NONE
    scope: str = ""


class McpSettings(Arguments):
    """An external MCP server. `header` carries the secret, unchanged; empty: it needs none.

    With `oauth` the secret holds its tokens; `wanted` is the same while an admin's consent is
    pending. `client_id` is of a client an admin registered there by hand; its secret is stored with
    the tokens.
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
