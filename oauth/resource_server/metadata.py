"""RFC 9728: metadata of the two protected resources. Built from PUBLIC_BASE_URL alone."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.access import SCOPE_RULES
from oauth import resources
from oauth.authorization_server.metadata import published

WELL_KNOWN = "/.well-known/oauth-protected-resource"


def document(resource: str) -> dict[str, Any]:
    """The metadata of one of our resources."""
    return {
        "resource": resource,
        "authorization_servers": [settings.PUBLIC_BASE_URL],
        "scopes_supported": [scope.value for scope in SCOPE_RULES],
        "bearer_methods_supported": ["header"],
        "resource_name": "Pathbound CRM",
    }


def address_for(path: str) -> str:
    """The metadata address of the resource a path belongs to."""
    suffix = "/mcp" if path.rstrip("/") == "/mcp" else ""
    return f"{settings.PUBLIC_BASE_URL}{WELL_KNOWN}{suffix}"


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD", "OPTIONS"])
def root(request: HttpRequest) -> HttpResponse:
    """The metadata of the origin."""
    return published(request, document(resources.root()))


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD", "OPTIONS"])
def mcp(request: HttpRequest) -> HttpResponse:
    """The metadata of /mcp."""
    return published(request, document(resources.mcp()))
