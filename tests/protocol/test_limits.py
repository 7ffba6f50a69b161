"""The rate limit: exact under threads, shared only by the apps of one person."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from core.access import Scope
from tests.protocol import samples
from tests.protocol.clients import MODERN, READ_SCOPES, Connect, McpClient

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _thirty_an_hour(settings: Any) -> None:
    # An hour instead of the minute of production: no token comes back while the test runs.
    settings.MCP_RATE_LIMIT = "30/h"


def _refusal(response: Any) -> dict[str, Any] | None:
    result = response.json()["result"]
    error: dict[str, Any] | None = result["structuredContent"].get("error")
    return error


def _in_threads(client: McpClient, tool: str, calls: int) -> list[dict[str, Any] | None]:
    def one(_: int) -> dict[str, Any] | None:
        try:
            own = McpClient(client.token, client.version)
            return _refusal(own.call(tool))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, range(calls)))


@pytest.mark.parametrize("tool", [samples.ECHO, samples.DECIDE])
def test_thirty_calls_pass_at_once_and_the_others_are_told_when(
    connect: Connect, tool: str
) -> None:
    answers = _in_threads(connect(MODERN), tool, 40)
    refused = [answer for answer in answers if answer is not None]
    assert len(refused) == 10
    assert {answer["code"] for answer in refused} == {"rate_limited"}
    assert all(1 <= answer["retry_after_seconds"] <= 120 for answer in refused)
    assert all(answer["retryable"] for answer in refused)


def test_a_refused_call_is_a_result_and_not_a_broken_connection(connect: Connect) -> None:
    client = connect()
    for _ in range(30):
        client.call(samples.ECHO)
    response = client.call(samples.ECHO)
    assert response.status_code == 200
    assert response.json()["result"]["isError"] is True


def test_deciding_has_a_limit_of_its_own(connect: Connect) -> None:
    client = connect()
    for _ in range(31):
        client.call(samples.ECHO)
    assert _refusal(client.call(samples.ECHO)) is not None
    assert _refusal(client.call(samples.DECIDE)) is None


def test_two_apps_of_one_person_share_the_limit_and_two_people_do_not(connect: Connect) -> None:
    first, second, other = connect(user="a"), connect(user="a"), connect(user="b")
    for _ in range(15):
        assert _refusal(first.call(samples.ECHO)) is None
        assert _refusal(second.call(samples.ECHO)) is None
    assert _refusal(second.call(samples.ECHO)) is not None
    assert _refusal(other.call(samples.ECHO)) is None


def test_only_calls_that_may_be_made_count(connect: Connect, settings: Any) -> None:
    settings.MCP_RATE_LIMIT = "1/h"
    client = connect(scopes=READ_SCOPES - {Scope.CONTACTS_WRITE})
    for _ in range(3):
        client.request("tools/list")
        client.request("ping")
        client.call("no_such_tool")
        assert client.call(samples.CHANGE).status_code == 403
    assert _refusal(client.call(samples.ECHO)) is None
    assert _refusal(client.call(samples.ECHO)) is not None
