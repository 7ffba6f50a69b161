"""The one-click unsubscribe link from a workspace's mail (RFC 8058).

Its token is the signed id of one attempt: it identifies no person and cannot be forged.
"""

from django.conf import settings
from django.core import signing
from django.urls import reverse

_SALT = "approvals.unsubscribe"


def link(attempt_id: str) -> str:
    """The URL for the message's List-Unsubscribe header."""
    token = signing.Signer(salt=_SALT).sign(attempt_id)
    return f"{settings.PUBLIC_BASE_URL}{reverse('unsubscribe', args=[token])}"


def attempt_of(token: str) -> str | None:
    """The attempt id in the token; None for a forged token."""
    try:
        return signing.Signer(salt=_SALT).unsign(token)
    except signing.BadSignature:
        return None
