"""A bearer token becomes an Actor: two queries on every request, so revocations apply at once."""

import re

from django.http import HttpRequest

from accounts import actors
from core import clock
from core.access import Role, parse_scopes
from core.actor import Actor, ActorKind, Client, Surface
from core.tokens import checksum
from oauth import resources
from oauth.models import AccessToken
from oauth.resource_server.challenges import NotAuthenticated, challenge
from oauth.services.connections import note_use

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,255})", re.IGNORECASE)
API_KEY_PREFIX = "sk_"


def authenticate(request: HttpRequest) -> Actor:
    """The caller: the token's person, with the granted scopes that their role allows now.

    Raises NotAuthenticated for a missing, unknown, expired or revoked token, one for another
    resource or none, an API key, and a person who is not an active member any more.
    """
    header = request.headers.get("Authorization", "")
    if not header:
        raise NotAuthenticated(challenge(request))
    token = _live_token(header)
    connection = token.connection if token is not None else None
    if token is None or connection is None:
        raise NotAuthenticated(challenge(request, error="invalid_token"))
    membership = actors.membership_of(str(token.user_id), str(connection.workspace_id))
    if membership is None:
        raise NotAuthenticated(challenge(request, error="invalid_token"))
    note_use(connection)
    return actors.for_membership(
        membership,
        kind=ActorKind.APP,
        surface=Surface.MCP,
        scopes=parse_scopes(token.scope) & connection.scopes,
        client=Client(
            name=connection.client_name or "An app",
            host=connection.redirect_host,
            connection_id=connection.pk,
            token_id=str(token.pk),
        ),
        role_ceiling=Role(connection.role_ceiling),
    )


def _live_token(header: str) -> AccessToken | None:
    match = _BEARER.fullmatch(header.strip())
    if match is None or match.group(1).startswith(API_KEY_PREFIX):
        return None
    token = (
        AccessToken.objects.select_related("connection")
        .filter(
            token_checksum=checksum(match.group(1)),
            expires__gt=clock.now(),
            connection__revoked_at=None,
            connection__expires_at__gt=clock.now(),
        )
        .first()
    )
    # RFC 8707: a token is valid for the resources it names; without one it is invalid.
    if token is None or not any(resources.canonical(uri) for uri in token.resource):
        return None
    return token
