"""The token endpoint: a code or a refresh token for a pair (OAuth 2.1 3.2)."""

from django.http import HttpRequest, HttpResponse
from oauth2_provider.views.mixins import OAuthLibMixin

from oauth import resources
from oauth.authorization_server import request_parameters
from oauth.authorization_server.json_endpoint import error, json_endpoint

_PROTOCOL = OAuthLibMixin()


@json_endpoint(rate="120/m")
def token(request: HttpRequest) -> HttpResponse:
    """RFC 6749's JSON: a pair, or an error. Never fetches anything, never answers 500 to input."""
    parameters = request_parameters.from_body(request)
    grant_type = parameters.get("grant_type")
    if grant_type not in {"authorization_code", "refresh_token"}:
        return error("unsupported_grant_type", "Use authorization_code or refresh_token.")
    if grant_type == "authorization_code":
        request_parameters.check_pkce(parameters.get("code_verifier"))
        if "redirect_uri" not in parameters:
            return error("invalid_request", "redirect_uri is missing.")
    if resources.canonical_all(parameters.getlist("resource")) is None:
        return error("invalid_target", "This server issues no tokens for that resource.")
    _, headers, body, status = _PROTOCOL.create_token_response(request)
    return _response(headers, body, status)


@json_endpoint(rate="60/m")
def revoke(request: HttpRequest) -> HttpResponse:
    """RFC 7009: 200 whether or not the token exists; its connection ends."""
    request_parameters.from_body(request)
    _, headers, body, status = _PROTOCOL.create_revocation_response(request)
    return _response(headers, body, status)


def _response(headers: dict[str, str], body: str | None, status: int) -> HttpResponse:
    response = HttpResponse(body or "", status=status, content_type="application/json")
    if "WWW-Authenticate" in headers:
        response["WWW-Authenticate"] = headers["WWW-Authenticate"]
    return response
