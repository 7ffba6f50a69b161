"""Authentication: origins, tokens, scopes and roles."""

import json
from typing import Any

import pytest

from accounts.models import Membership
from core import clock
from core.access import Role, Scope
from oauth.models import Connection
from tests.cells import each
from tests.protocol import samples
from tests.protocol.clients import MODERN, VERSIONS, Connect, McpClient

pytestmark = pytest.mark.django_db

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,mcp-protocol-version",
}


@each("method", METHODS)
@each("path", ["/mcp", "/mcp/"])
@each("token", [None, "wrong"])
def test_without_a_valid_token_every_method_is_challenged(
    method: str, path: str, token: str | None
) -> None:
    client = McpClient(token)
    response = getattr(client.http, method)(path, headers=client.headers({}))
    assert response.status_code == 401
    challenge = response["WWW-Authenticate"]
    assert challenge.startswith("Bearer ")
    assert "/.well-known/oauth-protected-resource/mcp" in challenge
    assert "contacts:read" in challenge
    assert ('error="invalid_token"' in challenge) == (token is not None)


def test_a_revoked_connection_is_refused_at_the_next_call(connect: Connect) -> None:
    client = connect()
    assert client.call(samples.ECHO).status_code == 200
    Connection.objects.filter(user_id=client.user_id).update(revoked_at=clock.now())
    assert client.call(samples.ECHO).status_code == 401


def test_a_person_who_left_is_refused_at_the_next_call(connect: Connect) -> None:
    client = connect()
    assert client.call(samples.ECHO).status_code == 200
    Membership.objects.filter(user_id=client.user_id).update(is_active=False)
    assert client.call(samples.ECHO).status_code == 401


def test_a_demoted_person_loses_the_tools_at_the_next_call(connect: Connect) -> None:
    client = connect(role=Role.ADMIN)
    assert "result" in client.call(samples.ADMIN).json()
    Membership.objects.filter(user_id=client.user_id).update(role=Role.VIEWER)
    assert client.call(samples.ADMIN).json()["error"]["code"] == -32602


@each("body", [b"", b"[", b'{"jsonrpc":"2.0","id":1,"method":"initialize"}'])
def test_a_body_is_not_looked_at_before_the_token(body: bytes) -> None:
    assert McpClient(None).post(body).status_code == 401


def test_a_token_in_the_address_is_no_token() -> None:
    client = McpClient(None, path="/mcp?access_token=token-0")
    assert client.call(samples.ECHO).status_code == 401


def test_a_browser_gets_a_page_with_the_challenge(settings: Any) -> None:
    settings.PUBLIC_BASE_URL = "https://crm.example.com"
    response = McpClient(None).http.get("/mcp", headers={"Accept": "text/html,*/*"})
    assert response.status_code == 401
    assert "WWW-Authenticate" in response
    assert "https://crm.example.com/mcp" in response.content.decode()


@each(
    ("origin", "base", "allowed"),
    [
        (None, "https://crm.example.com", True),
        ("https://crm.example.com", "https://crm.example.com", True),
        ("http://crm.example.com", "https://crm.example.com", False),
        ("https://crm.example.com:8443", "https://crm.example.com", False),
        ("https://crm.example.com.evil.example", "https://crm.example.com", False),
        ("https://evil.example", "https://crm.example.com", False),
        ("null", "https://crm.example.com", False),
        ("http://localhost:6274", "https://crm.example.com", False),
        ("http://localhost:6274", "http://127.0.0.1:8000", True),
        ("http://127.0.0.1:6274", "http://127.0.0.1:8000", True),
        ("http://[::1]:6274", "http://127.0.0.1:8000", True),
        ("http://localhost.evil.example", "http://127.0.0.1:8000", False),
        ("https://evil.example", "http://127.0.0.1:8000", False),
        ("null", "http://127.0.0.1:8000", False),
        ("http://[bad", "http://127.0.0.1:8000", False),
    ],
)
def test_a_page_of_another_origin_is_refused(
    connect: Connect, settings: Any, origin: str | None, base: str, allowed: bool
) -> None:
    settings.PUBLIC_BASE_URL = base
    settings.IS_LOOPBACK = base.startswith("http://127.0.0.1")
    settings.ALLOWED_HOSTS = ["*"]
    sent: dict[str, Any] = {} if origin is None else {"Origin": origin}
    for version in VERSIONS:
        response = connect(version).call(samples.ECHO, **sent)
        assert response.status_code == (200 if allowed else 403)
        readable = response.get("Access-Control-Allow-Origin")
        assert readable == (origin if allowed else None)


@each(("origin", "status"), [("http://localhost:6274", 204), ("http://a.b", 403)])
def test_only_an_allowed_page_passes_the_preflight(origin: str, status: int) -> None:
    client = McpClient(None)
    response = client.http.options("/mcp", headers={"Origin": origin, **PREFLIGHT})
    assert response.status_code == status
    allowed = response.get("Access-Control-Allow-Headers", "").lower()
    assert ("authorization" in allowed) == (status == 204)


def test_a_page_may_read_the_challenge() -> None:
    response = McpClient(None).call(samples.ECHO, Origin="http://localhost:6274")
    assert response.status_code == 401
    assert response["Access-Control-Expose-Headers"] == "WWW-Authenticate"


@each("version", VERSIONS)
def test_a_missing_scope_is_a_challenge_with_all_that_is_needed(
    connect: Connect, version: str
) -> None:
    response = connect(version).call(samples.EVENTS)
    assert response.status_code == 403
    challenge = response["WWW-Authenticate"]
    assert challenge.startswith('Bearer error="insufficient_scope", resource_metadata="')
    assert challenge.endswith('scope="events:read"')
    assert response.json()["error"]["data"]["code"] == "insufficient_scope"
    assert response.json()["id"] == 1


def test_deciding_is_callable_without_its_box_and_the_operation_sees_which(
    connect: Connect,
) -> None:
    without = connect(scopes=frozenset({Scope.ACTIONS_READ})).call(samples.DECIDE)
    boxed = frozenset({Scope.ACTIONS_READ, Scope.ACTIONS_APPROVE})
    assert without.json()["result"]["structuredContent"]["text"] == "needs_person"
    answer = connect(scopes=boxed).call(samples.DECIDE).json()["result"]
    assert answer["structuredContent"]["text"] == "decided"


SEEN = {
    samples.ECHO: (Scope.CONTACTS_READ, Role.VIEWER),
    samples.CRASH: (Scope.CONTACTS_READ, Role.VIEWER),
    samples.EVENTS: (Scope.EVENTS_READ, Role.VIEWER),
    samples.ADMIN: (Scope.CONTACTS_READ, Role.ADMIN),
    samples.DECIDE: (Scope.ACTIONS_READ, Role.VIEWER),
    samples.CHANGE: (Scope.CONTACTS_WRITE, Role.MEMBER),
    samples.START: (Scope.CONTACTS_WRITE, Role.MEMBER),  # whose scope that is
    samples.SEE: (Scope.CONTACTS_READ, Role.VIEWER),
}


@each("role", list(Role))
@each("scope", list(Scope))
def test_a_list_shows_what_scope_and_role_allow_and_no_more(
    connect: Connect, scope: Scope, role: Role
) -> None:
    answer = connect(role=role, scopes=frozenset({scope})).request("tools/list").json()
    expected = {
        name for name, (needed, least) in SEEN.items() if needed is scope and role.includes(least)
    }
    assert {tool["name"] for tool in answer["result"]["tools"]} == expected


def test_a_tool_above_the_role_is_unknown_and_not_a_matter_of_scope(connect: Connect) -> None:
    response = connect(role=Role.MEMBER).call(samples.ADMIN)
    unknown = connect(role=Role.MEMBER).call("no_such_tool")
    assert json.loads(response.content) == json.loads(unknown.content)


def test_an_operation_that_fails_unforeseen_tells_nothing(connect: Connect) -> None:
    for version in VERSIONS:
        response = connect(version).call(samples.CRASH)
        error = response.json()["result"]["structuredContent"]["error"]
        assert response.status_code == 200
        assert error["code"] == "unavailable"
        assert error["request_id"]
        assert "hunter2" not in response.content.decode()
        assert "RuntimeError" not in response.content.decode()


def test_a_failure_outside_a_tool_tells_nothing(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tools import catalog

    def broken(_: Any) -> Any:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(catalog, "visible_to", broken)
    for version in ("2025-03-26", MODERN):
        response = connect(version).request("tools/list")
        assert response.json()["error"] == {"code": -32603, "message": "Internal server error"}
