"""A client that posts messages as an app would, with a token the endpoint knows."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client

from core.access import Role, Scope
from core.actor import Actor, ActorKind, Surface
from core.actor import Client as App
from oauth import resource_server
from tests.protocol import samples
from tools import catalog

LEGACY = "2025-11-25"
MODERN = "2026-07-28"
VERSIONS = ("2025-03-26", "2025-06-18", LEGACY, MODERN)
READ_SCOPES = frozenset({Scope.CONTACTS_READ, Scope.CONTACTS_WRITE, Scope.ACTIONS_READ})

_tokens: dict[str, Actor] = {}


class _NotAuthenticatedError(Exception):
    challenge_header = 'Bearer resource_metadata="http://testserver/x", scope="contacts:read"'


def _authenticate(request: HttpRequest) -> Actor:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token not in _tokens:
        raise _NotAuthenticatedError
    return _tokens[token]


def _challenge(request: HttpRequest, *, error: str, scopes: list[str]) -> str:
    return f'Bearer error="{error}", scope="{" ".join(scopes)}"'


@contextmanager
def sample_endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The endpoint with the sample tools and tokens of `token_for`."""
    monkeypatch.setattr(resource_server, "authenticate", _authenticate, raising=False)
    monkeypatch.setattr(resource_server, "challenge", _challenge, raising=False)
    monkeypatch.setattr(resource_server, "NotAuthenticated", _NotAuthenticatedError, raising=False)
    monkeypatch.setattr(catalog, "_FILES", (samples.TOOLS,))
    catalog.all_tools.cache_clear()
    yield
    catalog.all_tools.cache_clear()
    _tokens.clear()


def actor_of(
    user: str = "us_1",
    workspace: str = "ws_1",
    *,
    role: Role = Role.REVIEWER,
    scopes: frozenset[Scope] = READ_SCOPES,
) -> Actor:
    """An app that acts for a member."""
    return Actor(
        workspace_id=workspace,
        kind=ActorKind.APP,
        surface=Surface.MCP,
        role=role,
        name=f"{user}@example.test",
        user_id=user,
        scopes=scopes,
        client=App("Sample", "app.example.test", "cn_1"),
    )


def token_for(actor: Actor) -> str:
    """A bearer token the endpoint takes for this actor."""
    token = f"token-{len(_tokens)}"
    _tokens[token] = actor
    return token


@dataclass
class McpClient:
    """Posts to the endpoint; `version` decides the era, its header and its envelope."""

    token: str | None
    version: str = LEGACY
    path: str = "/mcp"
    http: Client = field(default_factory=Client)

    @property
    def envelope(self) -> dict[str, Any]:
        """The `_meta` a modern client sends with each request."""
        return {
            "io.modelcontextprotocol/protocolVersion": self.version,
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
        }

    def headers(self, body: Any) -> dict[str, str]:
        """What a correct client sends with this body."""
        found = {"Accept": "application/json, text/event-stream"}
        if self.token is not None:
            found["Authorization"] = f"Bearer {self.token}"
        found["MCP-Protocol-Version"] = self.version
        if self.version == MODERN and isinstance(body, dict):
            params = body.get("params")
            found["Mcp-Method"] = str(body.get("method", ""))
            if isinstance(params, dict) and isinstance(params.get("name"), str):
                found["Mcp-Name"] = params["name"]
        return found

    def post(self, body: Any, *, without: tuple[str, ...] = (), **headers: str) -> Any:
        """Post a body: bytes as they are, anything else as JSON; `a_b` is the header `a-b`."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {k: v for k, v in {**self.headers(body), **given}.items() if k not in without}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post(self.path, raw, content_type="application/json", headers=sent)

    def request(self, method: str, params: dict[str, Any] | None = None, **sent: Any) -> Any:
        """Post a request with id 1."""
        params = dict(params or {})
        if self.version == MODERN:
            params["_meta"] = self.envelope
        return self.post({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, **sent)

    def call(self, tool: str, arguments: dict[str, Any] | None = None, **sent: Any) -> Any:
        """Call a tool."""
        return self.request("tools/call", {"name": tool, "arguments": arguments or {}}, **sent)


Connect = Callable[..., McpClient]


def connected(version: str = LEGACY, path: str = "/mcp", **actor: Any) -> McpClient:
    """An app with a valid token: `connected(MODERN, role=..., scopes=...)`."""
    return McpClient(token_for(actor_of(**actor)), version, path)
