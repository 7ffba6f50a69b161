"""The authorization server of the stand-in for an external MCP server.

Transcribed on 2026-11-25 from
https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization, RFC 9728 (where tokens
come from), RFC 8414 (metadata), RFC 7591 (registration), RFC 7636 (PKCE), RFC 8707 (resource) and
RFC 9207 (iss). Refresh tokens rotate: each is good once.

Its person says yes at once. `POST /__revoke__` ends every token and refresh token, `POST
/__expire__` the access tokens only.
"""

import base64
import hashlib
import itertools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

SECONDS = 3600
OPEN = ("/.well-known/", "/register", "/authorize", "/token", "/__")


class TokenOffice:
    """Registers clients and gives out tokens for the MCP server beside it."""

    def __init__(self, note: Callable[[dict[str, Any]], None]) -> None:
        self._note = note
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
        origin = _origin(request)
        return JSONResponse(
            {
                "issuer": origin,
                "authorization_endpoint": f"{origin}/authorize",
                "token_endpoint": f"{origin}/token",
                "registration_endpoint": f"{origin}/register",
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def _register(self, request: Request) -> Response:
        wish = await request.json()
        if wish.get("token_endpoint_auth_method") != "none" or not wish.get("redirect_uris"):
            return _no("invalid_client_metadata")
        client_id = f"client{next(self._numbers)}"
        self._clients[client_id] = wish["redirect_uris"]
        return JSONResponse({**wish, "client_id": client_id}, status_code=201)

    async def _authorize(self, request: Request) -> Response:
        given = dict(request.query_params)
        known = self._clients.get(given.get("client_id", ""), [])
        wanted = {"response_type": "code", "code_challenge_method": "S256"}
        is_whole = all(given.get(name) == value for name, value in wanted.items())
        named = given.get("resource") == f"{_origin(request)}/mcp" and given.get("state")
        if given.get("redirect_uri") not in known or not is_whole or not named:
            return _no("invalid_request")
        code = f"code{next(self._numbers)}"
        self._codes[code] = given
        back = {"code": code, "state": given["state"], "iss": _origin(request)}
        return RedirectResponse(f"{given['redirect_uri']}?{urlencode(back)}", status_code=302)

    async def _token(self, request: Request) -> Response:
        given = {key: str(value) for key, value in (await request.form()).items()}
        if given.get("resource") != f"{_origin(request)}/mcp":
            return _no("invalid_target")
        if given.get("grant_type") == "authorization_code":
            asked = self._codes.pop(given.get("code", ""), {})
            is_fit = _fits(asked, given)
        else:
            is_fit = self._refresh.pop(given.get("refresh_token", ""), "") == given.get("client_id")
        return self._granted(given["client_id"]) if is_fit else _no("invalid_grant")

    def _granted(self, client_id: str) -> Response:
        access, refresh = f"access{next(self._numbers)}", f"refresh{next(self._numbers)}"
        self._access.add(access)
        self._refresh[refresh] = client_id
        self._note({"granted": access})
        tokens = {"access_token": access, "refresh_token": refresh, "token_type": "Bearer"}
        return JSONResponse({**tokens, "expires_in": SECONDS})

    async def _revoke(self, _: Request) -> Response:
        self._access.clear()
        self._refresh.clear()
        return JSONResponse({})

    async def _expire(self, _: Request) -> Response:
        self._access.clear()
        return JSONResponse({})


def _fits(asked: dict[str, str], given: dict[str, str]) -> bool:
    digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    same = all(asked.get(name) == given.get(name) for name in ("client_id", "redirect_uri"))
    return bool(asked) and same and asked["code_challenge"] == challenge


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _no(error: str) -> Response:
    return JSONResponse({"error": error}, status_code=400)
