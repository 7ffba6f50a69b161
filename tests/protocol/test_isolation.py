"""Many clients on one endpoint at the same time: none gets another's data."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from core.access import Role, Scope
from tests.protocol import samples
from tests.protocol.clients import LEGACY, MODERN, READ_SCOPES, Connect, McpClient

pytestmark = [pytest.mark.slow, pytest.mark.each_database, pytest.mark.django_db(transaction=True)]

CALLS = 200


@pytest.fixture(autouse=True)
def _threads_that_interrupt_each_other() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.00005)
    yield
    sys.setswitchinterval(usual)


def _answers(
    clients: list[McpClient], calls: int, ask: Callable[[McpClient, int], Any]
) -> list[Any]:
    """What each client was answered to each of its calls, in the order clients x calls."""

    def one(index: int) -> Any:
        number, place = divmod(index, len(clients))
        given = clients[place]
        try:
            return ask(McpClient(given.token, given.version), number).json()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, range(calls * len(clients))))


def test_two_tenants_calling_at_once_never_cross(connect: Connect, settings: Any) -> None:
    settings.MCP_RATE_LIMIT = "10000/s"
    clients = [
        connect(MODERN, user="a", workspace="a"),
        connect(LEGACY, user="b", workspace="b"),
    ]
    answers = _answers(
        clients, CALLS, lambda client, n: client.call(samples.ECHO, {"text": str(n)})
    )
    for index, answer in enumerate(answers):
        number, place = divmod(index, 2)
        said = answer["result"]["structuredContent"]
        assert said == {"text": str(number), "workspace": clients[place].workspace_id}
        assert ("resultType" in answer["result"]) == (place == 0)


def test_two_rights_listing_at_once_never_cross(connect: Connect) -> None:
    clients = [
        connect(MODERN, user="a", scopes=frozenset({Scope.EVENTS_READ})),
        connect(MODERN, user="b", scopes=READ_SCOPES, role=Role.ADMIN),
    ]
    answers = _answers(clients, 50, lambda client, _: client.request("tools/list"))
    for index, answer in enumerate(answers):
        names = {tool["name"] for tool in answer["result"]["tools"]}
        assert (samples.EVENTS in names, samples.ADMIN in names) == (index % 2 == 0, index % 2 == 1)
