"""A sample of the probes over the real endpoint, with the official client and a real token."""

import asyncio
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from core.access import Role, Scope
from oauth.models import Connection
from tests import factories
from tests.protocol.clients import MODERN, token_for
from tests.protocol.sessions import base_url
from tests.security.conftest import Outside
from tests.security.obedient import Call
from tests.security.planted import Trap, planted
from tests.security.test_injection import obeying, of_every_probe, sent_to, strays_of
from tests.security.texts import TEXTS

pytestmark = pytest.mark.slow

__all__ = ["base_url"]

SAMPLE = [(20, TEXTS[20])]  # a tool call in external text


def client_of(url: str, trap: Trap, scopes: frozenset[Scope]) -> Call:
    """The official client, with a token of the admin's connection."""
    connection = Connection.objects.create(
        workspace=trap.team.place,
        user=trap.team.alice.user,
        client_id="sample",
        client_name="Sample",
        redirect_host="app.example.test",
        scope=" ".join(scopes),
        role_ceiling=Role.ADMIN.value,
    )
    headers = {"Authorization": f"Bearer {token_for(connection)}"}

    async def session(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
            transport = streamable_http_client(f"{url}/mcp", http_client=http)
            async with Client(transport, mode=MODERN) as client:
                called = await client.call_tool(name, arguments)
                return called.structured_content or {}

    return lambda name, arguments: asyncio.run(session(name, arguments))


@pytest.mark.django_db(transaction=True)
def test_the_endpoint_sends_nothing_either(base_url: str, scenario: Outside, settings: Any) -> None:
    settings.MCP_RATE_LIMIT = "10000/s"
    trap = planted(SAMPLE)
    scenario.connect(trap.team)
    call = client_of(base_url, trap, factories.ALL_SCOPES)

    assistant = obeying(call, trap)

    of_every_probe(trap, assistant)
    assert set(sent_to(scenario)) <= trap.known
    assert scenario.calls() == []
    assert strays_of(trap, assistant) == []
