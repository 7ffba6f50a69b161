"""The link with which a recipient ends what comes from a workspace (RFC 8058).

Its token is the id of one sending, signed: it names nobody, and only we can have made it.
"""

from django.conf import settings
from django.core import signing
from django.urls import reverse

_SALT = "approvals.unsubscribe"


def link(attempt_id: str) -> str:
    """The address that goes into the message's List-Unsubscribe."""
    token = signing.Signer(salt=_SALT).sign(attempt_id)
    return f"{settings.PUBLIC_BASE_URL}{reverse('unsubscribe', args=[token])}"


def attempt_of(token: str) -> str | None:
    """The sending the token is of; None for one we did not make."""
    try:
        return signing.Signer(salt=_SALT).unsign(token)
    except signing.BadSignature:
        return None
