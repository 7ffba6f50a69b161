"""Answers oauthlib's questions about clients, codes and tokens from our rows.

The toolkit's validator with its races closed. Once redeemed, a code or refresh token is marked by a
compare-and-set; a second request gets invalid_grant, the same answer again (refresh, within a
minute), or ends the connection (RFC 6749 4.1.2, RFC 9700 4.14.2).
"""

import uuid
from datetime import timedelta
from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749 import errors

from core import clock
from core.actor import Actor
from core.db import unit
from core.tokens import checksum
from oauth import resources
from oauth.models import AccessToken, Application, Connection, Grant, RefreshToken
from oauth.services import connections, refresh_replays
from oauth.settings import (
    ACCESS_TOKEN_SECONDS,
    AUTHORIZATION_CODE_SECONDS,
    REFRESH_TOKEN_IDLE_SECONDS,
)

_OLD_ACCESS_TOKEN_SECONDS = 600


class Validator(OAuth2Validator):
    """Codes and tokens of public clients, bound to their connection."""

    def client_authentication_required(self, request: Request, *_: Any, **__: Any) -> bool:
        """Never: every client is public and proves itself by PKCE (OAuth 2.1 2.4)."""
        return False

    def authenticate_client_id(self, client_id: str, request: Request, *_: Any, **__: Any) -> bool:
        """Whether the client exists; a secret it sends is ignored."""
        return self._load_application(client_id or "", request) is not None

    def _load_application(self, client_id: str, request: Request) -> Application | None:
        client = request.client
        if isinstance(client, Application) and client.client_id == client_id:
            return client
        found = Application.objects.filter(client_id=client_id).first()
        usable = found if found is not None and found.is_usable(request) else None
        request.client = usable
        return usable

    # --- codes ------------------------------------------------------------------------------------

    def _create_authorization_code(
        self, request: Request, code: dict[str, str], expires: Any = None
    ) -> Grant:
        return Grant.objects.create(
            application=request.client,
            user=request.user,
            connection=request.connection,
            code=checksum(code["code"]),
            expires=clock.now() + timedelta(seconds=AUTHORIZATION_CODE_SECONDS),
            redirect_uri=request.redirect_uri,
            scope=" ".join(request.scopes),
            code_challenge=request.code_challenge,
            code_challenge_method=request.code_challenge_method,
            resource=request.resource,
        )

    def validate_code(
        self, client_id: str, code: str, client: Application, request: Request, *_: Any, **__: Any
    ) -> bool:
        """Whether the code can be redeemed by this client now; a used one ends its connection."""
        grant = (
            Grant.objects.select_related("connection", "user")
            .filter(code=checksum(code), application=client)
            .first()
        )
        if grant is None:
            return False
        if grant.used_at is not None:
            _end_family(grant.connection, "code_replayed")
            return False
        if grant.expires <= clock.now() or not grant.connection.is_live or not grant.user.is_active:
            return False
        request.grant = grant
        request.connection = grant.connection
        request.user = grant.user
        request.scopes = grant.scope.split()
        return True

    def get_code_challenge(self, code: str, request: Request) -> str:
        return str(request.grant.code_challenge)

    def get_code_challenge_method(self, code: str, request: Request) -> str:
        """Its method: only S256 is accepted."""
        return str(request.grant.code_challenge_method)

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, *args: Any, **_: Any
    ) -> bool:
        """Whether it is exactly the address the code was sent to."""
        request = args[0]
        return bool(request.grant.redirect_uri == redirect_uri)

    def invalidate_authorization_code(self, *_: Any, **__: Any) -> None:
        """Does nothing: the code was marked used in the transaction that made the tokens."""

    # --- refresh tokens ---------------------------------------------------------------------------

    def validate_refresh_token(
        self, refresh_token: str, client: Application, request: Request, *_: Any, **__: Any
    ) -> bool:
        """Whether it can be redeemed, or was within the last minute; later replay ends the family.

        Invalid after 30 days without use, and with its connection.
        """
        row = (
            RefreshToken.objects.select_related("connection", "user")
            .filter(token_checksum=checksum(refresh_token), application=client)
            .first()
        )
        if row is None or not row.connection.is_live or not row.user.is_active:
            return False
        idle_since = clock.now() - timedelta(seconds=REFRESH_TOKEN_IDLE_SECONDS)
        if row.revoked is None and row.created < idle_since:
            return False
        request.first_answer = None
        if row.revoked is not None:
            request.first_answer = refresh_replays.find_answer(refresh_token)
            if request.first_answer is None:
                _end_family(row.connection, "refresh_replayed")
                return False
        request.refresh_token_instance = row
        request.connection = row.connection
        request.user = row.user
        return True

    def get_original_scopes(self, refresh_token: str, request: Request, *_: Any, **__: Any) -> str:
        return str(request.connection.scope)

    def is_within_original_scope(
        self, request_scopes: list[str], refresh_token: str, request: Request, *_: Any, **__: Any
    ) -> bool:
        """Words beyond the grant are left out, as at /authorize (RFC 6749 3.3)."""
        granted = set(request.connection.scope.split())
        request.scopes = [word for word in request_scopes if word in granted]
        return bool(request.scopes)

    # --- tokens -----------------------------------------------------------------------------------

    def save_bearer_token(
        self, token: dict[str, Any], request: Request, *_: Any, **__: Any
    ) -> None:
        """Store the new pair, or return the first answer instead.

        Raises InvalidGrantError for a second request, Unavailable when the database is busy.
        """
        token.pop("expires_at", None)
        if request.grant_type == "refresh_token" and request.first_answer is not None:
            _replace(token, request.first_answer)
            return
        with unit():
            if request.grant_type == "refresh_token":
                self._rotate(token, request)
            else:
                self._redeem(token, request)

    def _redeem(self, token: dict[str, Any], request: Request) -> None:
        taken = Grant.objects.filter(pk=request.grant.pk, used_at=None).update(used_at=clock.now())
        if not taken or not _lock_live(request.connection):
            raise errors.InvalidGrantError(request=request)
        _store_pair(token, request, request.grant.resource, uuid.uuid4())
        Application.objects.filter(pk=request.client.pk).update(last_used_at=clock.now())

    def _rotate(self, token: dict[str, Any], request: Request) -> None:
        old = request.refresh_token_instance
        now = clock.now()
        taken = RefreshToken.objects.filter(pk=old.pk, revoked=None).update(revoked=now)
        if not taken:
            first_answer = refresh_replays.find_answer(request.refresh_token)
            if first_answer is None:
                raise errors.InvalidGrantError(request=request)
            _replace(token, first_answer)
            return
        if not _lock_live(request.connection):
            raise errors.InvalidGrantError(request=request)
        # The same app's calls in progress keep working for a while.
        soon = now + timedelta(seconds=_OLD_ACCESS_TOKEN_SECONDS)
        AccessToken.objects.filter(pk=old.access_token_id, expires__gt=soon).update(expires=soon)
        _store_pair(token, request, old.resource, old.token_family)
        refresh_replays.save_answer(request.refresh_token, request.connection, token)

    def revoke_token(
        self, token: str, token_type_hint: str, request: Request, *_: Any, **__: Any
    ) -> None:
        """RFC 7009: either token of a pair ends the whole connection; unknown ones end nothing."""
        digest = checksum(token)
        for model in (RefreshToken, AccessToken):
            row = (
                model.objects.select_related("connection")
                .filter(token_checksum=digest, application=request.client)
                .first()
            )
            if row is not None and row.connection is not None:
                _end_family(row.connection, "revoked_by_app")
                return


def _store_pair(
    token: dict[str, Any], request: Request, resource: list[str], family: uuid.UUID
) -> None:
    if any(resources.canonical(uri) is None for uri in resource) or not resource:
        raise errors.InvalidGrantError(request=request)
    facts = {
        "user": request.user,
        "application": request.client,
        "connection": request.connection,
        "resource": resource,
    }
    access = AccessToken.objects.create(
        **facts,
        token_checksum=checksum(token["access_token"]),
        scope=token["scope"],
        expires=clock.now() + timedelta(seconds=ACCESS_TOKEN_SECONDS),
    )
    RefreshToken.objects.create(
        **facts,
        token_checksum=checksum(token["refresh_token"]),
        access_token=access,
        token_family=family,
    )


def _lock_live(connection: Connection) -> bool:
    """Whether the connection is active, holding its row until the transaction ends."""
    return (
        Connection.objects.live().select_for_update().filter(pk=connection.pk).first() is not None
    )


def _end_family(connection: Connection, because: str) -> None:
    actor = Actor.for_job(f"oauth.{because}", str(connection.workspace_id))
    with unit():
        connections.end(actor, connection, because)


def _replace(token: dict[str, Any], answer: dict[str, Any]) -> None:
    token.clear()
    token.update(answer)
