"""The endpoint: POST one JSON-RPC message to /mcp, /mcp/ or /.

1. A request from a foreign origin is refused (403); a preflight of an allowed one is answered.
2. Without a valid token every method is 401 with a challenge (RFC 9728 5.1, RFC 6750 3).
3. With one, POST only (405), at most MAX_BODY_BYTES (413), one well-formed message (400).
4. A call whose scope is missing is 403 with a challenge; everything else is the message's reply,
   after progress notifications if the client requested them and accepts a stream.
"""

import json
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt

from core.actor import Actor
from core.errors import AppError, InsufficientScope
from core.streams import off_the_loop
from oauth.resource_server.authenticate import authenticate
from oauth.resource_server.challenges import NotAuthenticated, challenge
from pathbound_mcp.protocol import events, messages
from pathbound_mcp.protocol.messages import INTERNAL_ERROR, INVALID_REQUEST, Message
from pathbound_mcp.protocol.progress import ConnectionEnded

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_ALLOWED_HEADERS = (
    "Accept, Authorization, Content-Type, Last-Event-ID, MCP-Protocol-Version, Mcp-Method, "
    "Mcp-Name, Mcp-Session-Id"
)


@csrf_exempt
@login_not_required
async def mcp_endpoint(request: HttpRequest) -> HttpResponseBase:
    """MCP over Streamable HTTP, without sessions, for every released version from 2025-03-26."""
    origin = request.headers.get("Origin")
    if not _is_allowed_origin(origin):
        return _fault(403, INVALID_REQUEST, "This origin is not allowed.")
    if _is_preflight(request):
        return _allow_origin(_preflight_answer(), origin)
    return _allow_origin(await _authenticated(request), origin)


def at_root(
    page: Callable[[HttpRequest], HttpResponse],
) -> Callable[..., Coroutine[Any, Any, HttpResponseBase]]:
    """A view for "/": the endpoint for apps, `page` for people (GET without a token)."""

    @csrf_exempt
    @login_not_required
    async def root(request: HttpRequest) -> HttpResponseBase:
        if request.method in {"GET", "HEAD"} and not _is_app(request):
            return await sync_to_async(page)(request)
        return await mcp_endpoint(request)

    return root


def warm_up() -> None:
    """Import the SDK now and not in the first request; for processes that serve the endpoint."""
    from pathbound_mcp.protocol import sdk  # noqa: F401 - importing is the point


async def _authenticated(request: HttpRequest) -> HttpResponseBase:
    try:
        actor = await sync_to_async(authenticate)(request)
    except NotAuthenticated as refusal:
        return await _challenged(request, refusal.challenge_header)
    except AppError as refusal:
        return _fault(refusal.http_status, INTERNAL_ERROR, refusal.message, refusal=refusal)
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    body = _body(request)
    if body is None:
        return _fault(413, INVALID_REQUEST, f"At most {settings.MAX_BODY_BYTES} bytes per request.")
    try:
        message = messages.parse(body)
    except messages.MessageError as fault:
        return _fault(400, fault.code, fault.message, request_id=fault.request_id)
    return await _answered(request, actor, message)


async def _answered(request: HttpRequest, actor: Actor, message: Message) -> HttpResponseBase:
    from pathbound_mcp.protocol import sdk  # the SDK costs seconds and 55 MB: imported on demand

    headers = {name.lower(): value for name, value in request.headers.items()}

    async def reply(send: events.Send | None = None) -> HttpResponse:
        stream = None if send is None else sdk.Stream(send, partial(_renewed, request))
        try:
            found = await sdk.answer(actor, message, headers, stream)
        except InsufficientScope as refusal:
            return _insufficient(request, message, refusal)
        content_type = "application/json" if found.body else None
        return HttpResponse(found.body, status=found.status, content_type=content_type)

    wants_progress = message.progress_token is not None and events.may_stream(request)
    answer = await (events.streamed_answer(reply) if wants_progress else reply())
    if isinstance(answer, HttpResponse) and answer.status_code == 200:
        return events.plain_answer(answer) if events.are_all_it_takes(request) else answer
    return answer


async def _renewed(request: HttpRequest) -> Actor:
    """The caller, authenticated again; raises ConnectionEnded for a token that ended meanwhile."""
    try:
        return await off_the_loop(authenticate, request)
    except (NotAuthenticated, AppError) as refusal:
        raise ConnectionEnded("This connection has ended; connect again.") from refusal


def _is_allowed_origin(origin: str | None) -> bool:
    """Whether a request from this origin is allowed; apps outside browsers send no Origin.

    Pages of this machine (MCP Inspector) are allowed only if the server itself is on this machine.
    """
    if origin is None or origin == settings.PUBLIC_BASE_URL:
        return True
    return bool(settings.IS_LOOPBACK) and _is_loopback(origin)


def _is_preflight(request: HttpRequest) -> bool:
    """Whether this is a preflight (Fetch standard, CORS-preflight request)."""
    return (
        request.method == "OPTIONS"
        and "Origin" in request.headers
        and "Access-Control-Request-Method" in request.headers
    )


def _preflight_answer() -> HttpResponse:
    """The preflight answer to an allowed origin."""
    return HttpResponse(
        status=204,
        headers={
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
            "Access-Control-Max-Age": "600",
        },
    )


def _allow_origin(response: HttpResponseBase, origin: str | None) -> HttpResponseBase:
    """The same response, readable by the page that asked; its origin was allowed before."""
    if origin is not None:
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = "WWW-Authenticate"
        response["Vary"] = "Origin"
    return response


def _is_loopback(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
        return parts.scheme in {"http", "https"} and parts.hostname in _LOOPBACK
    except ValueError:
        return False


def _is_app(request: HttpRequest) -> bool:
    accept = request.headers.get("Accept", "")
    return "Authorization" in request.headers or "text/event-stream" in accept


def _body(request: HttpRequest) -> bytes | None:
    try:
        body = request.body
    except RequestDataTooBig:
        return None
    return body if len(body) <= settings.MAX_BODY_BYTES else None


async def _challenged(request: HttpRequest, header: str) -> HttpResponse:
    headers = {"WWW-Authenticate": header, "Cache-Control": "no-store"}
    if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
        page = await sync_to_async(render_to_string)(
            "mcp_help.html", {"mcp_url": f"{settings.PUBLIC_BASE_URL}/mcp", "demo": settings.DEMO}
        )
        return HttpResponse(page, status=401, headers=headers)
    body = {
        "error": "unauthorized",
        "error_description": "Connect with OAuth; WWW-Authenticate names the metadata.",
    }
    return _json(401, body, headers)


def _insufficient(
    request: HttpRequest, message: Message, refusal: InsufficientScope
) -> HttpResponse:
    header = challenge(request, error=refusal.code, scopes=refusal.scopes)
    return _fault(
        403,
        INVALID_REQUEST,
        refusal.message,
        request_id=message.request_id,
        refusal=refusal,
        headers={"WWW-Authenticate": header},
    )


def _fault(  # noqa: PLR0913 - one argument per part of a JSON-RPC error
    status: int,
    code: int,
    text: str,
    *,
    request_id: messages.RequestId | None = None,
    refusal: AppError | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    data = {} if refusal is None else {"data": refusal.as_dict()}
    error = {"code": code, "message": text, **data}
    return _json(status, {"jsonrpc": "2.0", "id": request_id, "error": error}, headers)


def _json(status: int, body: dict[str, Any], headers: dict[str, str] | None) -> HttpResponse:
    return HttpResponse(
        json.dumps(body), status=status, content_type="application/json", headers=headers
    )
