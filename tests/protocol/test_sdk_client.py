"""The official SDK's client against a listening server, in every mode it has."""

import asyncio
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from tests.protocol import samples
from tests.protocol.clients import Connect
from tests.protocol.sessions import MODES, each_mode, in_session

pytestmark = pytest.mark.django_db(transaction=True)


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
    version, names, called = in_session(base_url + path, app, mode, use)
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

    called = in_session(f"{base_url}/mcp", connect(), mode, use)
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

    assert in_session(f"{base_url}/mcp", connect(), mode, use) == -32602


@each_mode
def test_many_clients_are_served_side_by_side(base_url: str, connect: Connect, mode: str) -> None:
    app = connect()

    async def use(client: Client) -> Any:
        calls = [client.call_tool(samples.ECHO, {"text": str(n)}) for n in range(20)]
        return [done.structured_content for done in await asyncio.gather(*calls)]

    answers = in_session(f"{base_url}/mcp", app, mode, use)
    assert [answer["text"] for answer in answers] == [str(n) for n in range(20)]
