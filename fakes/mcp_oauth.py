"""The authorization server of the fake server for an external MCP server.

Transcribed on 2026-11-25 from
https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization, RFC 9728 (where tokens
come from), RFC 8414 (metadata), RFC 7591 (registration), RFC 7636 (PKCE), RFC 8707 (resource),
RFC 9207 (iss), RFC 6749 2.3.1 (a client's secret) and
draft-ietf-oauth-client-id-metadata-document-00 (client documents). Refresh tokens rotate: each is
good once. How clients introduce themselves is up to its `Ways`.

Its person says yes at once. `POST /__revoke__` ends every token and refresh token, `POST
/__expire__` the access tokens only.
"""

import base64
import hashlib
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import unquote_plus, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

SECONDS = 3600
OPEN = ("/.well-known/", "/register", "/authorize", "/token", "/__")


@dataclass(frozen=True)
class Options:
    """How clients may introduce themselves.

    `registers` by RFC 7591 · `documents` a file of {client_id: document}, in place of fetching them
    · `client` one registered by hand, as `id:secret`, which shows it by `shows`.
    """

    registers: bool = True
    documents: Path | None = None
    client: str = ""
    shows: str = "client_secret_basic"

    def secret_of(self, client_id: str) -> str | None:
        """The secret of the client registered by hand; None for any other."""
        known, _, secret = self.client.partition(":")
        return secret if known and client_id == known else None


class TokenEndpoint:
    """Registers clients and gives out tokens for the MCP server beside it."""

    def __init__(self, note: Callable[[dict[str, Any]], None], ways: Options) -> None:
        self._note = note
        self._ways = ways
        self._numbers = itertools.count(1)
        self._clients: dict[str, list[str]] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self._refresh: dict[str, str] = {}
        self._access: set[str] = set()

    def serve(self, server: Any) -> None:
        """Add the routes to the MCP server."""
        routes = {
            "/.well-known/oauth-protected-resource/mcp": ("GET", self._resource),
            "/.well-known/oauth-authorization-server": ("GET", self._metadata),
            "/register": ("POST", self._register),
            "/authorize": ("GET", self._authorize),
            "/token": ("POST", self._token),
            "/__revoke__": ("POST", self._revoke),
            "/__expire__": ("POST", self._expire),
        }
        for path, (method, handler) in routes.items():
            server.custom_route(path, methods=[method])(handler)

    def refusal(self, request: Request) -> Response | None:
        """HTTP 401 with the challenge for a request without a token of ours (RFC 9728 5.1)."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if request.url.path.startswith(OPEN):
            return None
        if scheme.lower() == "bearer" and token in self._access:
            return None
        place = f"{_origin(request)}/.well-known/oauth-protected-resource/mcp"
        challenge = {"WWW-Authenticate": f'Bearer resource_metadata="{place}"'}
        return JSONResponse({"error": "invalid_token"}, status_code=401, headers=challenge)

    async def _resource(self, request: Request) -> Response:
        origin = _origin(request)
        facts = {"resource": f"{origin}/mcp", "authorization_servers": [origin]}
        return JSONResponse({**facts, "scopes_supported": ["tickets"]})

    async def _metadata(self, request: Request) -> Response:
        origin, ways = _origin(request), self._ways
        facts = {
            "issuer": origin,
            "authorization_endpoint": f"{origin}/authorize",
            "token_endpoint": f"{origin}/token",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": [ways.shows if ways.client else "none"],
            "authorization_response_iss_parameter_supported": True,
        }
        if ways.registers:
            facts["registration_endpoint"] = f"{origin}/register"
        if ways.documents:
            facts["client_id_metadata_document_supported"] = True
        return JSONResponse(facts)

    async def _register(self, request: Request) -> Response:
        registration = await request.json()
        if not self._ways.registers or _fault_of(registration):
            return _no("invalid_client_metadata")
        client_id = f"client{next(self._numbers)}"
        self._note({"registered": client_id})
        self._clients[client_id] = registration["redirect_uris"]
        return JSONResponse({**registration, "client_id": client_id}, status_code=201)

    async def _authorize(self, request: Request) -> Response:
        given = dict(request.query_params)
        known = self._redirects_of(given.get("client_id", ""), given.get("redirect_uri", ""))
        wanted = {"response_type": "code", "code_challenge_method": "S256"}
        is_whole = all(given.get(name) == value for name, value in wanted.items())
        named = given.get("resource") == f"{_origin(request)}/mcp" and given.get("state")
        if given.get("redirect_uri") not in known or not is_whole or not named:
            return _no("invalid_request")
        code = f"code{next(self._numbers)}"
        self._codes[code] = given
        back = {"code": code, "state": given["state"], "iss": _origin(request)}
        return RedirectResponse(f"{given['redirect_uri']}?{urlencode(back)}", status_code=302)

    def _redirects_of(self, client_id: str, asked: str) -> list[str]:
        if self._ways.secret_of(client_id) is not None:
            return [asked]  # whoever registered it by hand named it
        if self._ways.documents and client_id.startswith("https://"):
            found = json.loads(self._ways.documents.read_text()).get(client_id, {})
            # Draft 4.1: the document has to say the very address it was read from.
            fits = found.get("client_id") == client_id and not _fault_of(found)
            return list(found["redirect_uris"]) if fits else []
        return self._clients.get(client_id, [])

    def _is_the_client(self, request: Request, given: dict[str, str]) -> bool:
        """Fill in who asks; whether it showed its secret the one way it was registered for."""
        scheme, _, coded = request.headers.get("authorization", "").partition(" ")
        basic = scheme.lower() == "basic"
        if basic:
            pair = base64.b64decode(coded).decode().partition(":")
            given["client_id"], shown = unquote_plus(pair[0]), unquote_plus(pair[2])
        else:
            shown = given.get("client_secret", "")
        secret = self._ways.secret_of(given.get("client_id", ""))
        if secret is None:
            return not shown
        return basic == (self._ways.shows == "client_secret_basic") and shown == secret

    async def _token(self, request: Request) -> Response:
        given = {key: str(value) for key, value in (await request.form()).items()}
        if not self._is_the_client(request, given):
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        if given.get("resource") != f"{_origin(request)}/mcp":
            return _no("invalid_target")
        if given.get("grant_type") == "authorization_code":
            asked = self._codes.pop(given.get("code", ""), {})
            is_fit = _fits(asked, given)
        else:
            is_fit = self._refresh.pop(given.get("refresh_token", ""), "") == given.get("client_id")
        return self._granted(given["client_id"]) if is_fit else _no("invalid_grant")

    def _granted(self, client_id: str) -> Response:
        access, refresh = (f"{kind}-{token_urlsafe(24)}" for kind in ("access", "refresh"))
        self._access.add(access)
        self._refresh[refresh] = client_id
        self._note({"granted": access, "refresh": refresh})
        tokens = {"access_token": access, "refresh_token": refresh, "token_type": "Bearer"}
        return JSONResponse({**tokens, "expires_in": SECONDS})

    async def _revoke(self, _: Request) -> Response:
        self._access.clear()
        self._refresh.clear()
        return JSONResponse({})

    async def _expire(self, _: Request) -> Response:
        self._access.clear()
        return JSONResponse({})


def _fault_of(client: dict[str, Any]) -> str:
    wanted = {"token_endpoint_auth_method": "none", "application_type": "web"}
    wrong = [name for name, value in wanted.items() if client.get(name) != value]
    grants = client.get("grant_types")
    if grants != ["authorization_code", "refresh_token"]:
        wrong.append("grant_types")
    return ", ".join(wrong if client.get("redirect_uris") else [*wrong, "redirect_uris"])


def _fits(asked: dict[str, str], given: dict[str, str]) -> bool:
    digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    same = all(asked.get(name) == given.get(name) for name in ("client_id", "redirect_uri"))
    return bool(asked) and same and asked["code_challenge"] == challenge


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _no(error: str) -> Response:
    return JSONResponse({"error": error}, status_code=400)
