"""A listening server, and sessions of the official SDK's client in every mode it has."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx2
import pytest
import uvicorn
from django.core.asgi import get_asgi_application
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.protocol.clients import LEGACY, MODERN, McpClient

MODES = {"legacy": LEGACY, "auto": MODERN, MODERN: MODERN}
each_mode = pytest.mark.parametrize("mode", MODES)


@pytest.fixture
def base_url() -> Iterator[str]:
    """A server on its own port; it listens before it serves, so no test waits for it."""
    listening = socket.create_server(("127.0.0.1", 0))
    application: Any = get_asgi_application()
    server = uvicorn.Server(uvicorn.Config(application, lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()


def in_session(url: str, app: McpClient, mode: str, use: Callable[[Client], Awaitable[Any]]) -> Any:
    """What `use` returns, called with a connected client."""

    async def session() -> Any:
        headers = {"Authorization": f"Bearer {app.token}"}
        async with httpx2.AsyncClient(headers=headers) as http:
            transport = streamable_http_client(url, http_client=http)
            async with Client(transport, mode=mode) as client:
                return await use(client)

    return asyncio.run(session())
