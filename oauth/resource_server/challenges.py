"""The WWW-Authenticate header: tells an app where to request a token (RFC 9728 5.1)."""

from collections.abc import Iterable

from django.http import HttpRequest

from core.access import SCOPE_RULES, Scope
from oauth.resource_server import metadata


class NotAuthenticated(Exception):
    """The request carries no token that counts: answer 401 with this WWW-Authenticate header."""

    def __init__(self, challenge_header: str) -> None:
        super().__init__("A valid access token is required.")
        self.challenge_header = challenge_header


def challenge(
    request: HttpRequest, *, error: str | None = None, scopes: Iterable[Scope | str] | None = None
) -> str:
    """The header's value, naming the metadata of the requested path.

    `error` is `invalid_token` only when a token was presented, `insufficient_scope` with 403, where
    `scopes` is all the call needs (RFC 6750 3.1). Without `scopes` every scope is named: apps
    request the named ones, and the person can untick some.
    """
    wanted = SCOPE_RULES if scopes is None else scopes
    parts = [f'resource_metadata="{metadata.address_for(request.path)}"']
    parts.append(f'scope="{" ".join(str(scope) for scope in wanted)}"')
    if error:
        parts.insert(0, f'error="{error}"')
    return "Bearer " + ", ".join(parts)
