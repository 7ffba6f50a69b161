"""Which web pages may talk to the endpoint (MCP transport: Origin MUST be checked), and CORS."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_ALLOWED_HEADERS = (
    "Accept, Authorization, Content-Type, Last-Event-ID, MCP-Protocol-Version, Mcp-Method, "
    "Mcp-Name, Mcp-Session-Id"
)


def is_allowed(origin: str | None) -> bool:
    """Whether a request from this page may pass; apps that are no pages send no Origin.

    Pages of this machine (MCP Inspector) pass only where the server itself is on this machine.
    """
    if origin is None or origin == settings.PUBLIC_BASE_URL:
        return True
    return bool(settings.IS_LOOPBACK) and _is_loopback(origin)


def is_preflight(request: HttpRequest) -> bool:
    """Whether the browser asks beforehand (Fetch standard, CORS-preflight request)."""
    return (
        request.method == "OPTIONS"
        and "Origin" in request.headers
        and "Access-Control-Request-Method" in request.headers
    )


def preflight_answer() -> HttpResponse:
    """What a page of an allowed origin may send."""
    return HttpResponse(
        status=204,
        headers={
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
            "Access-Control-Max-Age": "600",
        },
    )


def allow_origin(response: HttpResponseBase, origin: str | None) -> HttpResponseBase:
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
