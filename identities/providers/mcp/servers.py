"""External MCP servers through the official client: what they offer, and one call (sending-10).

The SDK costs seconds to import, so it is imported where it is used. The client offers no sampling,
no elicitation and no roots; the SDK refuses such requests of a server.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import anyio
import httpx2
from django.conf import settings

from core import net, net_async
from core.errors import AppError, Unavailable, ValidationFailed
from core.schemas import plain_name
from identities.channels import settings_of
from identities.models import Channel
from identities.providers.http import Denied
from identities.providers.mcp import oauth
from identities.providers.mcp.pins import pin_of
from identities.providers.mcp.schemas import McpSettings, McpTool

if TYPE_CHECKING:
    from mcp.client import Client
    from mcp_types import CallToolResult

Found = TypeVar("Found")

MAX_TOOLS = 200
MAX_PAGES = 10
DESCRIPTION_LENGTH = 1000


def refuse_own(url: str) -> None:
    """Raise ValidationFailed for a URL of this installation: a tool here must not call a tool here.

    Compared by host and port, ignoring scheme and path; all names of this machine are equal.
    """
    try:
        is_own = _place(url) == _place(settings.PUBLIC_BASE_URL)
    except ValueError as error:
        raise ValidationFailed("Invalid URL.", field="url") from error
    if is_own:
        raise ValidationFailed("This is our own server and cannot be added.", field="url")


def _place(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    host = "localhost" if host in {"127.0.0.1", "::1"} else host
    return host, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def offered(channel: Channel) -> list[McpTool]:
    """The tools the server offers now, each with its pin, none of them allowed.

    Raises Denied when it refuses the secret, Unavailable when its answer is not valid MCP.
    """

    async def ask(client: "Client") -> list[McpTool]:
        found: list[McpTool] = []
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            page = await client.list_tools(cursor=cursor)
            found += [_as_stored(tool) for tool in page.tools]
            cursor = page.next_cursor
            if not cursor or len(found) > MAX_TOOLS:
                break
        return found[:MAX_TOOLS]

    try:
        return _in_session(channel, ask)
    except Denied:
        if settings_of(channel, McpSettings).oauth is None:
            raise
    # Listing changes nothing, so it may be repeated: the token expired early.
    oauth.renewed(channel)
    return _in_session(channel, ask)


def call(channel: Channel, name: str, arguments: dict[str, Any]) -> "CallToolResult":
    """Call one tool. Whether it is allowed and still the pinned one is the caller's to check.

    Raises Denied and Unavailable as `offered`.
    """

    async def ask(client: "Client") -> "CallToolResult":
        return await client.call_tool(name, arguments)

    return _in_session(channel, ask)


def _in_session(channel: Channel, ask: Callable[["Client"], Awaitable[Found]]) -> Found:
    given = settings_of(channel, McpSettings)
    refuse_own(given.url)
    net.refuse_leaving_demo(urlsplit(given.url).hostname or "")
    headers = _headers(channel, given)

    async def run() -> Found:
        seen: list[int] = []
        try:
            async with _session(given.url, headers, seen) as client:
                return await ask(client)
        except Exception as error:
            raise _refusal(error, seen) from error

    return anyio.run(run)


def _headers(channel: Channel, given: McpSettings) -> dict[str, str]:
    if given.oauth is not None or given.client_id:
        return {"Authorization": f"Bearer {oauth.bearer_of(channel)}"}
    token = channel.opened().get("token", "")
    return {given.header: token} if given.header and token else {}


@asynccontextmanager
async def _session(url: str, headers: dict[str, str], seen: list[int]) -> AsyncIterator["Client"]:
    from mcp.client import Client
    from mcp.client.streamable_http import streamable_http_client

    async def note(response: httpx2.Response) -> None:
        seen.append(response.status_code)

    async with net_async.client(headers=headers) as http:
        http.event_hooks["response"].append(note)
        transport = streamable_http_client(url, http_client=http)
        async with Client(transport) as client:
            yield client


def _refusal(error: BaseException, seen: list[int]) -> Exception:
    """The refusal inside the SDK's exception; it wraps errors in nested groups."""
    if isinstance(error, BaseExceptionGroup):
        inner = [_refusal(part, seen) for part in error.exceptions]
        return next((part for part in inner if isinstance(part, AppError | Denied)), inner[0])
    if isinstance(error, AppError):
        return error
    if set(seen) & {401, 403}:
        return Denied("The server rejected the secret.")
    return Unavailable("The server did not respond like an MCP server.", hint="Check its URL.")


def _as_stored(tool: Any) -> McpTool:
    text = tool.description or ""
    return McpTool(
        name=tool.name,
        description=plain_name(text, DESCRIPTION_LENGTH),
        pin=pin_of(tool.name, text, tool.input_schema),
    )
