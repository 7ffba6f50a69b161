"""Random bodies: every answer is below 500, is JSON and reveals no internals."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.protocol import samples
from tests.protocol.clients import VERSIONS, McpClient, connected

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

METHODS = ["tools/call", "tools/list", "initialize", "ping", "server/discover", "no/such"]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["\u0000", "\ud800", "\u202e", "2.0", samples.ECHO])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
MESSAGES = st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0") | LEAVES, "method": st.sampled_from(METHODS) | LEAVES},
    optional={
        "id": st.just(1) | VALUES,
        "params": VALUES
        | st.fixed_dictionaries(
            {"name": st.sampled_from([samples.ECHO, samples.CHANGE]) | LEAVES},
            optional={"arguments": VALUES, "_meta": VALUES, "cursor": VALUES},
        ),
    },
)
thorough = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def clients(settings: Any) -> list[McpClient]:
    settings.MCP_RATE_LIMIT = "100000/s"
    return [connected(version) for version in VERSIONS]


def _expect_manners(response: Any) -> None:
    assert response.status_code < 500
    if response.content:
        text = response.content.decode()
        json.loads(text)
        assert "Traceback" not in text
        assert "pydantic" not in text


@thorough
@given(message=MESSAGES)
def test_odd_messages_get_a_proper_answer(clients: list[McpClient], message: Any) -> None:
    for client in clients:
        _expect_manners(client.post(json.dumps(message).encode()))


@thorough
@given(place=st.integers(0, 200), what=st.binary(max_size=6), cut=st.integers(0, 6))
def test_damaged_messages_get_a_proper_answer(
    clients: list[McpClient], place: int, what: bytes, cut: int
) -> None:
    for client in clients:
        params: dict[str, Any] = {"name": samples.ECHO, "arguments": {"text": "hello"}}
        params["_meta"] = client.envelope
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
        whole = body.encode()
        _expect_manners(client.post(whole[:place] + what + whole[place + cut :]))


@thorough
@given(values=st.lists(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]))))
def test_odd_headers_get_a_proper_answer(clients: list[McpClient], values: list[str]) -> None:
    for client in clients:
        names = ["MCP_Protocol_Version", "Mcp_Method", "Mcp_Name", "Accept"]
        given_headers: dict[str, Any] = dict(zip(names, values, strict=False))
        response = client.request("tools/list", **given_headers)
        if response["Content-Type"] == "application/json":
            _expect_manners(response)
