"""The behaviour table of both eras, each row for every version it covers."""

import json
from typing import Any

import pytest
from django.conf import settings

from tests.cells import each
from tests.protocol import samples
from tests.protocol.clients import LEGACY, MODERN, VERSIONS, Connect, McpClient

pytestmark = pytest.mark.django_db

LEGACY_VERSIONS = VERSIONS[:-1]
each_version = each("version", VERSIONS)
each_legacy_version = each("version", LEGACY_VERSIONS)

INITIALIZE = {
    "protocolVersion": LEGACY,
    "capabilities": {},
    "clientInfo": {"name": "tests", "version": "1"},
}
NOTIFICATION = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}
CLIENT_RESPONSE = {"jsonrpc": "2.0", "id": 7, "result": {}}


def error_of(response: Any) -> int:
    """The JSON-RPC code of an error reply."""
    code: int = response.json()["error"]["code"]
    return code


@each_version
def test_a_tool_answers_with_structured_content_and_the_same_text(
    connect: Connect, version: str
) -> None:
    client = connect(version)
    response = client.call(samples.ECHO, {"text": "grüße"})
    result = response.json()["result"]
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert result["structuredContent"] == {"text": "grüße", "workspace": client.workspace_id}
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]
    assert not result.get("isError")


@each_version
@each("method", ["get", "delete", "put", "patch", "head", "options"])
def test_only_post_is_served(connect: Connect, version: str, method: str) -> None:
    client = connect(version)
    response = getattr(client.http, method)("/mcp", headers=client.headers({}))
    assert (response.status_code, response["Allow"]) == (405, "POST")


@each("path", ["/mcp", "/mcp/", "/"])
def test_three_paths_are_one_endpoint(connect: Connect, path: str) -> None:
    assert connect(path=path).call(samples.ECHO).status_code == 200


def test_people_at_the_root_are_sent_on_and_apps_are_challenged() -> None:
    client = McpClient(None, path="/")
    assert client.http.get("/").status_code == 302
    assert client.http.get("/", headers={"Accept": "text/event-stream"}).status_code == 401
    assert client.call(samples.ECHO).status_code == 401


@each_version
@each("accept", ["*/*", "application/json", "application/json, text/event-stream", ""])
def test_any_accept_that_takes_json_gets_json(connect: Connect, version: str, accept: str) -> None:
    response = connect(version).call(samples.ECHO, Accept=accept)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


@each_version
def test_a_client_that_only_takes_events_gets_one(connect: Connect, version: str) -> None:
    response = connect(version).call(samples.ECHO, {"text": "a"}, Accept="text/event-stream")
    event, data = response.content.decode().split("\r\n")[:2]
    assert response["Content-Type"] == "text/event-stream"
    assert event == "event: message"
    assert json.loads(data.removeprefix("data: "))["result"]["structuredContent"]["text"] == "a"


@each_version
def test_a_batch_is_refused(connect: Connect, version: str) -> None:
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    response = connect(version).post([ping, ping])
    assert (response.status_code, error_of(response)) == (400, -32600)


@each_version
def test_a_notification_is_acknowledged_without_a_body(connect: Connect, version: str) -> None:
    response = connect(version).post(NOTIFICATION)
    assert (response.status_code, response.content) == (202, b"")


def test_a_notification_in_an_unknown_version_is_refused(connect: Connect) -> None:
    response = connect().post(NOTIFICATION, MCP_Protocol_Version="2031-01-01")
    assert (response.status_code, error_of(response)) == (400, -32022)


@each_legacy_version
def test_a_posted_response_is_acknowledged_by_old_versions(connect: Connect, version: str) -> None:
    assert connect(version).post(CLIENT_RESPONSE).status_code == 202


def test_a_posted_response_is_refused_by_the_modern_version(connect: Connect) -> None:
    response = connect(MODERN).post(CLIENT_RESPONSE)
    assert (response.status_code, error_of(response)) == (400, -32600)


@each_version
def test_what_is_no_json_is_a_parse_error(connect: Connect, version: str) -> None:
    response = connect(version).post(b'{"jsonrpc":')
    assert (response.status_code, error_of(response)) == (400, -32700)
    assert response.json()["id"] is None


@each_legacy_version
@each("asked", [*LEGACY_VERSIONS, MODERN, "1999-01-01"])
def test_initialize_echoes_a_supported_version_and_opens_no_session(
    connect: Connect, version: str, asked: str
) -> None:
    response = connect(version).request("initialize", {**INITIALIZE, "protocolVersion": asked})
    result = response.json()["result"]
    assert result["protocolVersion"] == (asked if asked in LEGACY_VERSIONS else LEGACY)
    assert result["serverInfo"]["name"] == "pathbound_mcp"
    assert result["serverInfo"]["version"] == settings.VERSION
    assert result["capabilities"] == {"tools": {"listChanged": False}}
    assert result["instructions"]
    assert "Mcp-Session-Id" not in response


@each_legacy_version
def test_old_versions_answer_ping(connect: Connect, version: str) -> None:
    assert connect(version).request("ping").json()["result"] == {}


@each("method", ["initialize", "ping", "logging/setLevel", "no/such"])
def test_the_modern_version_answers_404_to_methods_it_has_not(
    connect: Connect, method: str
) -> None:
    response = connect(MODERN).request(method, INITIALIZE)
    assert (response.status_code, error_of(response)) == (404, -32601)


@each_legacy_version
@each("method", ["no/such", "resources/list", "server/discover"])
def test_old_versions_answer_unknown_methods_in_the_body(
    connect: Connect, version: str, method: str
) -> None:
    response = connect(version).request(method)
    assert (response.status_code, error_of(response)) == (200, -32601)


def test_discover_names_release_versions_and_capabilities(connect: Connect) -> None:
    result = connect(MODERN).request("server/discover").json()["result"]
    info = result["_meta"]["io.modelcontextprotocol/serverInfo"]
    assert (info["name"], info["version"]) == ("pathbound_mcp", settings.VERSION)
    assert MODERN in result["supportedVersions"]
    assert result["capabilities"] == {
        "tools": {"listChanged": False},
        "extensions": {"io.modelcontextprotocol/tasks": {}},
    }
    assert (result["resultType"], result["cacheScope"]) == ("complete", "private")
    assert result["ttlMs"] > 0


@each_version
@each("name", ["no_such_tool", "", samples.ADMIN])
def test_a_tool_that_is_not_there_for_the_role_is_unknown(
    connect: Connect, version: str, name: str
) -> None:
    response = connect(version).call(name)
    assert error_of(response) == -32602
    assert response.status_code == (400 if version == MODERN else 200)


@each_version
@each("arguments", [{"txet": "a"}, {"text": 5}, {"tone": "rude"}])
def test_arguments_at_fault_are_a_result_not_a_protocol_error(
    connect: Connect, version: str, arguments: dict[str, Any]
) -> None:
    result = connect(version).call(samples.ECHO, arguments).json()["result"]
    error = result["structuredContent"]["error"]
    assert result["isError"] is True
    assert error["code"] == "validation_failed"
    assert error["field"] == next(iter(arguments))
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]


def test_a_mistyped_argument_is_told_the_nearest(connect: Connect) -> None:
    result = connect().call(samples.CHANGE, {"requireapproval": True}).json()["result"]
    error = result["structuredContent"]["error"]
    assert error["did_you_mean"] == "require_approval"
    assert "dry_run" in error["valid_values"]


@each(
    ("meta", "headers", "code"),
    [
        ({}, {}, -32602),
        ({"io.modelcontextprotocol/protocolVersion": MODERN}, {}, -32602),
        (None, {"Mcp_Method": "tools/call"}, -32020),
        (None, {"Mcp_Name": "get_contact"}, -32020),
        (None, {"Mcp_Name": f"{samples.ECHO},{samples.ECHO}"}, -32020),
        (None, {"MCP_Protocol_Version": f"{MODERN}, {MODERN}"}, -32020),
        (None, {"MCP_Protocol_Version": "2031-01-01"}, -32020),
    ],
)
def test_a_modern_request_that_disagrees_with_itself_is_refused(
    connect: Connect, meta: dict[str, Any] | None, headers: dict[str, Any], code: int
) -> None:
    client = connect(MODERN)
    params = {"name": samples.ECHO, "_meta": client.envelope if meta is None else meta}
    method = "ping" if headers.get("Mcp_Method") else "tools/call"
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    response = client.post(body, **headers)
    assert (response.status_code, error_of(response)) == (400, code)


@each("header", ["MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"])
def test_a_modern_request_needs_its_headers(connect: Connect, header: str) -> None:
    response = connect(MODERN).call(samples.ECHO, without=(header,))
    assert (response.status_code, error_of(response)) == (400, -32020)


def test_a_modern_request_in_an_unknown_version_is_told_the_known_ones(connect: Connect) -> None:
    client = connect(MODERN)
    meta = {**client.envelope, "io.modelcontextprotocol/protocolVersion": "2031-01-01"}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}}
    response = client.post(body, MCP_Protocol_Version="2031-01-01")
    assert (response.status_code, error_of(response)) == (400, -32022)
    assert response.json()["error"]["data"]["requested"] == "2031-01-01"
    assert MODERN in response.json()["error"]["data"]["supported"]


def test_an_unknown_version_without_an_envelope_is_refused(connect: Connect) -> None:
    response = connect().request("tools/list", MCP_Protocol_Version="1.0")
    assert (response.status_code, error_of(response)) == (400, -32022)


def test_a_missing_version_header_means_the_oldest_version(connect: Connect) -> None:
    response = connect().call(samples.ECHO, without=("MCP-Protocol-Version",))
    assert response.status_code == 200


@each("stated", ["2025-11-25, 2025-11-25", "2025-11-25,2025-11-25"])
def test_a_version_header_repeated_by_a_proxy_is_read_once(connect: Connect, stated: str) -> None:
    assert connect().call(samples.ECHO, MCP_Protocol_Version=stated).status_code == 200


def test_an_old_header_wins_over_a_modern_envelope(connect: Connect) -> None:
    response = connect(MODERN).request("ping", MCP_Protocol_Version=LEGACY)
    assert (response.status_code, response.json()["result"]) == (200, {})


def test_a_bare_discover_probe_is_answered_at_once(connect: Connect) -> None:
    probe = {"jsonrpc": "2.0", "id": "server-discover-probe-1", "method": "server/discover"}
    response = connect().post(probe, without=("MCP-Protocol-Version",))
    assert error_of(response) == -32601
    assert response.json()["id"] == "server-discover-probe-1"
