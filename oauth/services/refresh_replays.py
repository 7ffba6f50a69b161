"""The same answer for the same refresh token, for a minute.

Clients lose answers and refresh in parallel; without this the second one would be a replay and end
the connection. The answer is sealed with a key only the presented token yields.
"""

import json
import os
from datetime import timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core import clock
from core.tokens import checksum
from oauth.models import Connection, RefreshReplay
from oauth.settings import REFRESH_REPLAY_SECONDS

_NONCE_BYTES = 12


def save_answer(refresh_token: str, connection: Connection, answer: dict[str, Any]) -> None:
    """Store the token answer to `refresh_token`, in the transaction that rotates it."""
    digest = checksum(refresh_token)
    nonce = os.urandom(_NONCE_BYTES)
    text = json.dumps(answer).encode()
    RefreshReplay.objects.create(
        checksum=digest,
        connection=connection,
        sealed=nonce + AESGCM(_key(refresh_token)).encrypt(nonce, text, digest.encode()),
        expires_at=clock.now() + timedelta(seconds=REFRESH_REPLAY_SECONDS),
    )


def find_answer(refresh_token: str) -> dict[str, Any] | None:
    """The token answer given to this refresh token within the last minute, or None."""
    digest = checksum(refresh_token)
    row = RefreshReplay.objects.filter(checksum=digest, expires_at__gt=clock.now()).first()
    if row is None:
        return None
    sealed = bytes(row.sealed)
    try:
        text = AESGCM(_key(refresh_token)).decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], digest.encode()
        )
    except InvalidTag:
        return None
    answer: dict[str, Any] = json.loads(text)
    return answer


def _key(refresh_token: str) -> bytes:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"oauth refresh replay")
    return derived.derive(refresh_token.encode())
