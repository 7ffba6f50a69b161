"""RFC 8414: the endpoints and their capabilities. Built from PUBLIC_BASE_URL alone."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.access import SCOPE_RULES
from oauth.authorization_server.json_endpoint import open_to_browsers
from oauth.services import registration

CACHE_SECONDS = 300


def document() -> dict[str, Any]:
    """The authorization server's metadata; independent of the request."""
    base = settings.PUBLIC_BASE_URL
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/oauth/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "registration_endpoint": f"{base}/oauth/register",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "scopes_supported": [scope.value for scope in SCOPE_RULES],
        "response_types_supported": registration.RESPONSE_TYPES,
        "response_modes_supported": ["query"],
        "grant_types_supported": registration.GRANT_TYPES,
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "client_id_metadata_document_supported": True,
        "authorization_response_iss_parameter_supported": True,
        "protected_resources": [base, f"{base}/mcp"],
    }


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD", "OPTIONS"])
def authorization_server(request: HttpRequest) -> HttpResponse:
    """The metadata, readable by any page."""
    return published(request, document())


def published(request: HttpRequest, data: dict[str, Any]) -> HttpResponse:
    """A public document with CORS; 204 to a preflight."""
    if request.method == "OPTIONS":
        return open_to_browsers(HttpResponse(status=204))
    response = JsonResponse(data)
    response["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    return open_to_browsers(response)
