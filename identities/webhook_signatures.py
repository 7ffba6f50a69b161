"""Webhooks providers sign as Standard Webhooks has it, which Resend's are.

https://docs.svix.com/receiving/verifying-payloads/how-manual and
https://resend.com/docs/webhooks/verify-webhooks-requests: HMAC-SHA256 over "id.timestamp.body" with
the secret behind `whsec_`; several signatures while a secret is being replaced.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta

from core import clock
from core.errors import Forbidden, ValidationFailed

TOLERANCE = timedelta(minutes=5)
PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """The key in a signing secret; raises ValidationFailed for a text that is none."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or len(key) < 16:
        raise ValidationFailed(
            "This is no signing secret.", hint="Paste it whole; it begins with whsec_."
        )
    return key


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """Raise Forbidden unless the body was signed with the secret within the last five minutes."""
    given = {name: headers.get(f"svix-{name}", "") for name in ("id", "timestamp", "signature")}
    said, now = given["timestamp"], clock.now().timestamp()
    is_recent = said.isdecimal() and abs(now - int(said[:12])) <= TOLERANCE.total_seconds()
    signed = f"{given['id']}.{said}.".encode() + body
    digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
    wanted = f"v1,{base64.b64encode(digest).decode()}".encode()
    found = [hmac.compare_digest(one.encode(), wanted) for one in given["signature"].split()]
    if not (given["id"] and is_recent and any(found)):
        raise Forbidden("This is not signed by whom it should be.")
