"""Many clients on one endpoint at the same time: nobody gets anything of anybody else."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from core.access import Role, Scope
from tests.protocol import samples
from tests.protocol.clients import LEGACY, MODERN, READ_SCOPES, Connect, McpClient

pytestmark = pytest.mark.django_db(transaction=True)

CALLS = 200


async def _post(client: McpClient, number: int, method: str, params: dict[str, Any]) -> Any:
    if client.version == MODERN:
        params = {**params, "_meta": client.envelope}
    body = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    http = AsyncClient()
    response: Any = await http.post(
        "/mcp",
        json.dumps(body),
        content_type="application/json",
        headers=client.headers(body),
    )
    return response.json()


def test_two_tenants_calling_at_once_never_cross(connect: Connect, settings: Any) -> None:
    settings.MCP_RATE_LIMIT = "10000/s"
    clients = [
        connect(MODERN, user="us_a", workspace="ws_a"),
        connect(LEGACY, user="us_b", workspace="ws_b"),
    ]

    async def everything() -> list[Any]:
        calls = [
            _post(client, number, "tools/call", _echo(f"{place}-{number}"))
            for number in range(CALLS)
            for place, client in enumerate(clients)
        ]
        return await asyncio.gather(*calls)

    answers = async_to_sync(everything)()
    for index, answer in enumerate(answers):
        number, place = divmod(index, 2)
        said = answer["result"]["structuredContent"]
        assert answer["id"] == number
        assert said == {"text": f"{place}-{number}", "workspace": ["ws_a", "ws_b"][place]}
        assert ("resultType" in answer["result"]) == (place == 0)


def test_two_rights_listing_at_once_never_cross(connect: Connect) -> None:
    clients = [
        connect(MODERN, user="us_a", scopes=frozenset({Scope.EVENTS_READ})),
        connect(MODERN, user="us_b", scopes=READ_SCOPES, role=Role.ADMIN),
    ]

    async def everything() -> list[Any]:
        lists = [_post(clients[n % 2], n, "tools/list", {}) for n in range(100)]
        return await asyncio.gather(*lists)

    for index, answer in enumerate(async_to_sync(everything)()):
        names = {tool["name"] for tool in answer["result"]["tools"]}
        assert (samples.EVENTS in names, samples.ADMIN in names) == (index % 2 == 0, index % 2 == 1)


def _echo(text: str) -> dict[str, Any]:
    return {"name": samples.ECHO, "arguments": {"text": text}}
