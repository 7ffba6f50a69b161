"""The official SDK's client against a listening server, in every mode it has."""

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
from mcp.shared.exceptions import MCPError

from tests.protocol import samples
from tests.protocol.clients import LEGACY, MODERN, Connect, McpClient

pytestmark = pytest.mark.django_db(transaction=True)

MODES = {"legacy": LEGACY, "auto": MODERN, MODERN: MODERN}
each_mode = pytest.mark.parametrize("mode", MODES)


@pytest.fixture
def base_url() -> Iterator[str]:
    """A server on a port of its own; it listens before it serves, so nobody waits for it."""
    listening = socket.create_server(("127.0.0.1", 0))
    application: Any = get_asgi_application()
    server = uvicorn.Server(uvicorn.Config(application, lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()


def _connected(url: str, app: McpClient, mode: str, use: Callable[[Client], Awaitable[Any]]) -> Any:
    async def session() -> Any:
        headers = {"Authorization": f"Bearer {app.token}"}
        async with httpx2.AsyncClient(headers=headers) as http:
            transport = streamable_http_client(url, http_client=http)
            async with Client(transport, mode=mode) as client:
                return await use(client)

    return asyncio.run(session())


@each_mode
@pytest.mark.parametrize("path", ["/mcp", "/mcp/", "/"])
def test_a_client_connects_lists_and_calls(
    base_url: str, connect: Connect, mode: str, path: str
) -> None:
    async def use(client: Client) -> Any:
        listed = await client.list_tools()
        called = await client.call_tool(samples.ECHO, {"text": "hello"})
        return client.protocol_version, [tool.name for tool in listed.tools], called

    app = connect()
    version, names, called = _connected(base_url + path, app, mode, use)
    assert version == MODES[mode]
    assert names[0] == samples.ECHO
    assert called.structured_content == {"text": "hello", "workspace": app.workspace_id}
    assert not called.is_error


@each_mode
def test_a_refusal_reaches_the_client_as_a_result(
    base_url: str, connect: Connect, mode: str
) -> None:
    async def use(client: Client) -> Any:
        await client.list_tools()
        return await client.call_tool(samples.ECHO, {"txet": "hello"})

    called = _connected(f"{base_url}/mcp", connect(), mode, use)
    assert called.is_error
    assert called.structured_content["error"]["did_you_mean"] == "text"


@each_mode
def test_an_unknown_tool_reaches_the_client_as_a_protocol_error(
    base_url: str, connect: Connect, mode: str
) -> None:
    async def use(client: Client) -> Any:
        with pytest.raises(MCPError) as refused:
            await client.call_tool("no_such_tool", {})
        return refused.value.error.code

    assert _connected(f"{base_url}/mcp", connect(), mode, use) == -32602


@each_mode
def test_many_clients_are_served_side_by_side(base_url: str, connect: Connect, mode: str) -> None:
    app = connect()

    async def use(client: Client) -> Any:
        calls = [client.call_tool(samples.ECHO, {"text": str(n)}) for n in range(20)]
        return [done.structured_content for done in await asyncio.gather(*calls)]

    answers = _connected(f"{base_url}/mcp", app, mode, use)
    assert [answer["text"] for answer in answers] == [str(n) for n in range(20)]
