"""A tool of an external MCP server, by the official client.

At most once: a call has no idempotency key. Server and tool are an admin's choice, pinned to the
description they read: a tool whose description changed is not called. Its answer is external text:
stored, at most 16 KiB, and shown marked.
"""

import json
from typing import Any

from core.actor import Actor
from core.errors import Unavailable, ValidationFailed
from core.schemas import plain_name
from identities.channels import AnyChannel, channel_of, channel_or_none, settings_of
from identities.models import Channel, Identity, Kind
from identities.providers.contract import (
    CredentialRefused,
    Delivery,
    DeliveryRefused,
    DeliveryUnknown,
    Receipt,
    Rendered,
    TryLater,
)
from identities.providers.http import Denied
from identities.providers.mcp import servers
from identities.providers.mcp.schemas import McpSettings, McpTool, McpToolCall

RESULT_BYTES = 16_384


class McpToolExecutor:
    """Calls one allowed tool, for `mcp_tool_call`."""

    needs_identity = False
    repeatable = False

    def render(self, actor: Actor, params: McpToolCall, _: Identity | None) -> Rendered:
        """The tool, its server and arguments, pinned to the allowed description."""
        channel = channel_of(actor.workspace_id, Kind.MCP, None, params.server)
        known = settings_of(channel, McpSettings)
        servers.refuse_own(known.url)
        tool = _allowed(known, params.tool)
        arguments = json.dumps(params.arguments, ensure_ascii=False, indent=2)
        message = {
            "target": f"{plain_name(tool.name)} at {plain_name(params.server)}",
            "server": params.server,
            "url": known.url,
            "pin": tool.pin,
            "text": f"{tool.name}\n{arguments}",
            "request": {"tool": tool.name, "arguments": params.arguments},
        }
        return Rendered(message, [], str(message["text"]), [])

    def channel(
        self, workspace_id: str, identity: Identity | None, message: dict[str, Any]
    ) -> AnyChannel | None:
        return channel_or_none(workspace_id, Kind.MCP, None, str(message["server"]))

    def deliver(self, delivery: Delivery) -> Receipt:
        """Look whether it is still the tool that was allowed, then call it, once."""
        message = delivery.message
        channel = channel_of(delivery.workspace_id, Kind.MCP, None, message["server"])
        request = message["request"]
        _check_pin(channel, request["tool"], message["pin"])
        try:
            result = servers.call(channel, request["tool"], request["arguments"])
        except Denied as error:
            raise CredentialRefused("The server denied access.") from error
        except Unavailable as error:
            raise DeliveryUnknown("The connection broke; the tool may have run.") from error
        text = _text_of(result)
        if result.is_error:
            raise DeliveryRefused("The tool ran and reported an error.", "is_error")
        return Receipt("", "ok", "The tool ran.", text)


def _check_pin(channel: Channel, name: str, pin: str) -> None:
    try:
        offered = servers.offered(channel)
    except Denied as error:
        raise CredentialRefused("The server denied access.") from error
    except Unavailable as error:
        raise TryLater("The server did not answer.") from error
    except ValidationFailed as error:  # an address that is not contacted
        raise DeliveryRefused(error.message) from error
    found = next((tool for tool in offered if tool.name == name), None)
    if found is None or found.pin != pin:
        raise DeliveryRefused("The tool has changed since an admin allowed it.", "pin")


def _allowed(known: McpSettings, name: str) -> McpTool:
    tool = known.allowed(name)
    if tool is None:
        raise ValidationFailed(
            "This tool is not allowed.",
            hint="An admin can allow tools under Settings, Senders.",
            field="tool",
            valid_values=[row.name for row in known.tools if row.is_allowed][:50],
        )
    return tool


def _text_of(result: Any) -> str:
    """The tool's answer as text, truncated for storage."""
    parts = [part.text for part in result.content if getattr(part, "type", "") == "text"]
    whole = "\n".join(parts) or json.dumps(result.structured_content or {}, ensure_ascii=False)
    return whole.encode()[:RESULT_BYTES].decode("utf-8", "ignore")
