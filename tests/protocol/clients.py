"""A client that posts messages as an app would, with a valid token."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from django.test import Client

from accounts.models import Membership, User, Workspace
from core import clock
from core.access import Role, Scope
from core.tokens import checksum
from oauth import resources
from oauth.models import AccessToken, Connection
from tests.protocol import samples
from tools import catalog

LEGACY = "2025-11-25"
MODERN = "2026-07-28"
VERSIONS = ("2025-03-26", "2025-06-18", LEGACY, MODERN)
READ_SCOPES = frozenset({Scope.CONTACTS_READ, Scope.CONTACTS_WRITE, Scope.ACTIONS_READ})


@contextmanager
def sample_tools(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The catalogue holds the sample tools alone."""
    monkeypatch.setattr(catalog, "_IN_ORDER", samples.TOOLS)
    catalog.all_tools.cache_clear()
    yield
    catalog.all_tools.cache_clear()


def connection_of(user: str, workspace: str, role: Role, scopes: frozenset[Scope]) -> Connection:
    """An app one person connected; rows of the same names are made once."""
    place, _ = Workspace.objects.get_or_create(slug=workspace, defaults={"name": workspace})
    person, _ = User.objects.get_or_create(email=f"{user}@example.test")
    Membership.objects.update_or_create(workspace=place, user=person, defaults={"role": role.value})
    return Connection.objects.create(
        workspace=place,
        user=person,
        client_id="sample",
        client_name="Sample",
        redirect_host="app.example.test",
        scope=" ".join(scopes),
        role_ceiling=role.value,
    )


def token_for(connection: Connection) -> str:
    """A bearer token of the connection, for the endpoint."""
    secret = secrets.token_urlsafe(16)
    AccessToken.objects.create(
        user=connection.user,
        token_checksum=checksum(secret),
        expires=clock.now() + timedelta(hours=1),
        scope=connection.scope,
        resource=[resources.mcp()],
        connection=connection,
    )
    return secret


@dataclass
class McpClient:
    """Posts to the endpoint; `version` decides the era, its header and its envelope."""

    token: str | None
    version: str = LEGACY
    path: str = "/mcp"
    workspace_id: str = ""
    user_id: str = ""
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

    def post(self, body: Any, *, without: tuple[str, ...] = (), **headers: Any) -> Any:
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
        """Call a tool; checks its answer against its output schema."""
        params = {"name": tool, "arguments": arguments or {}}
        response = self.request("tools/call", params, **sent)
        if response["Content-Type"] == "application/json" and "result" in response.json():
            declared = catalog.all_tools()[tool].output_schema
            content = response.json()["result"]["structuredContent"]
            jsonschema.validate(content, {**declared, "additionalProperties": False})
        return response


Connect = Callable[..., McpClient]


def connected(
    version: str = LEGACY,
    path: str = "/mcp",
    *,
    user: str = "ana",
    workspace: str = "acme",
    role: Role = Role.REVIEWER,
    scopes: frozenset[Scope] = READ_SCOPES,
) -> McpClient:
    """An app with a valid token: `connected(MODERN, role=..., scopes=...)`."""
    connection = connection_of(user, workspace, role, scopes)
    return McpClient(
        token_for(connection),
        version,
        path,
        str(connection.workspace_id),
        str(connection.user_id),
    )
