"""Sessions of the official SDK's client, in every mode it has."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.protocol.clients import LEGACY, MODERN, McpClient

MODES = {"legacy": LEGACY, "auto": MODERN, MODERN: MODERN}
each_mode = pytest.mark.parametrize("mode", MODES)


def in_session(url: str, app: McpClient, mode: str, use: Callable[[Client], Awaitable[Any]]) -> Any:
    """What `use` returns, called with a connected client."""

    async def session() -> Any:
        headers = {"Authorization": f"Bearer {app.token}"}
        async with httpx2.AsyncClient(headers=headers) as http:
            transport = streamable_http_client(url, http_client=http)
            async with Client(transport, mode=mode) as client:
                return await use(client)

    return asyncio.run(session())
