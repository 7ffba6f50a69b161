"""An app's request at /oauth/authorize, validated before the person is asked."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.datastructures import MultiValueDict

from core.access import SCOPE_RULES, Scope, parse_scopes
from oauth import resources
from oauth.models import Application
from oauth.redirects import Destination, destination_of

# An app that requests no scope gets read access only (RFC 6749 3.3: a default).
DEFAULT_SCOPES = frozenset(scope for scope in Scope if scope.value.endswith(":read"))


class Unanswerable(Exception):
    """The client or redirect address is invalid: an error page, no redirect (RFC 6749 4.1.2.1).

    The text is ours and may be shown.
    """


class Rejected(Exception):
    """Anything else is invalid: the error goes to the app's redirect address, `location`."""

    def __init__(self, location: str) -> None:
        super().__init__("The authorization request was rejected.")
        self.location = location


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A valid request: PKCE with S256, a registered redirect address, our resource."""

    client_id: str
    redirect_uri: str
    code_challenge: str
    scope: str
    resource: list[str]
    state: str | None

    @classmethod
    def restored(cls, stored: Mapping[str, Any]) -> "AuthorizationRequest":
        """The request restored from `as_dict` in the session."""
        return cls(**stored)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for the session."""
        return asdict(self)

    @property
    def asked(self) -> frozenset[Scope]:
        """The known scopes requested; unknown ones (offline_access) are ignored."""
        return parse_scopes(self.scope) or DEFAULT_SCOPES

    @property
    def destination(self) -> Destination:
        """The redirect's destination."""
        found = destination_of(self.redirect_uri)
        if found is None:
            raise Unanswerable("The app's redirect URL is not allowed here.")
        return found

    def error_location(self, error: str, description: str) -> str:
        """The redirect with the error; `iss` is included on errors too (RFC 9207 2)."""
        return error_location(self.redirect_uri, self.state, error, description)


def error_location(redirect_uri: str, state: str | None, error: str, description: str) -> str:
    """A redirect address with an error, the app's `state` and our `iss`."""
    answer = {"error": error, "error_description": description}
    if state is not None:
        answer["state"] = state
    answer["iss"] = settings.PUBLIC_BASE_URL
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(answer)}"


def validated_request(
    parameters: MultiValueDict[str, str], application: Application
) -> AuthorizationRequest:
    """A known client's request. Raises Unanswerable, or Rejected once the address is safe."""
    redirect_uri = parameters.get("redirect_uri") or ""
    if destination_of(redirect_uri) is None or not application.redirect_uri_allowed(redirect_uri):
        raise Unanswerable("The app's redirect URL does not match its registration.")
    request = AuthorizationRequest(
        client_id=application.client_id,
        redirect_uri=redirect_uri,
        code_challenge=parameters.get("code_challenge") or "",
        scope=" ".join(s.value for s in SCOPE_RULES if s in _asked(parameters)),
        resource=resources.canonical_all(parameters.getlist("resource")) or [],
        state=parameters.get("state"),
    )
    _reject_faults(parameters, request)
    return request


def _asked(parameters: MultiValueDict[str, str]) -> frozenset[Scope]:
    return parse_scopes(parameters.get("scope") or "")


def _reject_faults(parameters: MultiValueDict[str, str], request: AuthorizationRequest) -> None:
    if parameters.get("response_type") != "code":
        raise Rejected(
            request.error_location("unsupported_response_type", "Use response_type=code.")
        )
    if not 43 <= len(request.code_challenge) <= 128 or not request.code_challenge.isascii():
        raise Rejected(
            request.error_location("invalid_request", "A PKCE code_challenge is required.")
        )
    if parameters.get("code_challenge_method") != "S256":
        raise Rejected(request.error_location("invalid_request", "Use code_challenge_method=S256."))
    if not request.resource:
        raise Rejected(
            request.error_location("invalid_target", "This server issues no tokens for it.")
        )
