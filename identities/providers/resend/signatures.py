"""Signatures of Standard Webhooks, with Svix's header names, as Resend sends them.

https://resend.com/docs/webhooks/verify-webhooks-requests
"""

import base64
import binascii
from collections.abc import Mapping

from standardwebhooks import Webhook, WebhookVerificationError

from core.errors import Forbidden, ValidationFailed

PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """The key in a signing secret; raises ValidationFailed for an invalid one."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or len(key) < 16:
        raise ValidationFailed(
            "Invalid signing secret.", hint="Paste all of it; it begins with whsec_."
        )
    return key


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """Raise Forbidden unless the body was signed with the secret within the last five minutes."""
    names = ("id", "timestamp", "signature")
    given = {f"webhook-{name}": headers.get(f"svix-{name}", "") for name in names}
    try:
        Webhook(key_of(secret)).verify(body, given, json_parse=False)
    except (WebhookVerificationError, ValueError) as error:  # the latter for invalid base64
        raise Forbidden("Invalid signature.") from error
