"""Google's OAuth for a mailbox: a person's consent, and access tokens for SMTP and IMAP.

https://developers.google.com/identity/protocols/oauth2/web-server: authorization code with PKCE,
offline access; `invalid_grant` on a refresh means that the consent was revoked. The scope is the
one https://developers.google.com/gmail/imap/xoauth2-protocol names for IMAP and SMTP.
"""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from core import net
from core.errors import AppError, Unavailable, ValidationFailed
from identities.providers.http import USER_AGENT, Denied

MAIL = "https://mail.google.com/"
SCOPE = f"openid email {MAIL}"


@dataclass(frozen=True, slots=True)
class Access:
    """An access token and its lifetime in seconds."""

    token: str = field(repr=False)
    seconds: int


@dataclass(frozen=True, slots=True)
class Grant:
    """A person's consent: their address, and a refresh token."""

    address: str
    refresh_token: str = field(repr=False)
    access: Access


def consent_url(*, state: str, challenge: str, redirect_uri: str, hint: str = "") -> str:
    """The address of the consent page; `hint` is the expected account."""
    query = {
        "client_id": settings.GOOGLE_CLIENT_ID,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": SCOPE,
        "access_type": "offline",
        "prompt": "consent",  # without it Google issues no refresh token the second time
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **({"login_hint": hint} if hint else {}),
    }
    return f"{settings.GOOGLE_AUTHORIZE_URL}?{urlencode(query)}"


def exchange(code: str, *, verifier: str, redirect_uri: str) -> Grant:
    """The grant behind a code.

    Raises ValidationFailed for an invalid code or a consent that does not cover mail, and
    Unavailable.
    """
    status, answer = _ask(
        grant_type="authorization_code",
        code=code,
        code_verifier=verifier,
        redirect_uri=redirect_uri,
    )
    if status in {400, 401}:
        raise ValidationFailed("Google rejected the authorization.", hint="Connect Gmail again.")
    if MAIL not in str(answer.get("scope", "")).split():
        raise ValidationFailed(
            "Access to read and send mail was not granted at Google.",
            hint="Connect Gmail again and tick that permission.",
        )
    refresh, address = answer.get("refresh_token"), _address_of(answer.get("id_token"))
    if status != 200 or not isinstance(refresh, str) or not address:
        raise _undocumented()
    return Grant(address, refresh, _access_of(answer))


def renewed(refresh_token: str) -> Access:
    """A new access token; raises Denied when the consent was revoked, and Unavailable."""
    status, answer = _ask(grant_type="refresh_token", refresh_token=refresh_token)
    if status == 400 and answer.get("error") == "invalid_grant":
        raise Denied("Google revoked access: connect Gmail again.")
    if status == 401:
        raise Denied("Google rejected this installation's client id and secret.")
    if status != 200:
        raise _undocumented()
    return _access_of(answer)


def _ask(**form: str) -> tuple[int, dict[str, Any]]:
    secret = {
        "client_id": settings.GOOGLE_CLIENT_ID,
        "client_secret": settings.GOOGLE_CLIENT_SECRET,
    }
    headers = {"User-Agent": USER_AGENT}
    with net.client(trust=net.Trust.OPERATOR) as http:
        answer = http.post(settings.GOOGLE_TOKEN_URL, data={**secret, **form}, headers=headers)
    if answer.status_code == 429 or answer.status_code >= 500:
        raise Unavailable("Google is temporarily unavailable.", hint="Try again in a few minutes.")
    try:
        found = json.loads(answer.content)
    except ValueError:
        found = {}
    return answer.status_code, found if isinstance(found, dict) else {}


def _access_of(answer: dict[str, Any]) -> Access:
    token, seconds = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not token.isascii() or not isinstance(seconds, int):
        raise _undocumented()
    return Access(token, seconds)


def _address_of(id_token: Any) -> str:
    """The e-mail claim. It came from the token endpoint itself over TLS, which is proof enough
    (OpenID Connect Core 3.1.3.7, 6).
    """
    parts = str(id_token or "").split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return ""
    return str(claims.get("email", "")) if isinstance(claims, dict) else ""


def _undocumented() -> AppError:
    return Unavailable("Google sent an unexpected response.", hint="Try again in a few minutes.")
