"""Secrets at rest: encrypted, bound to their row, newest key first (security-2).

Fernet has no associated data, so the row's own id is part of the plaintext: a ciphertext copied to
another row does not open.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from core.errors import Unavailable


class Opened(dict[str, str]):
    """An opened secret by name; neither a log nor a traceback shows its value."""

    @classmethod
    def from_sealed(cls, name: str, ciphertext: str, *, bound_to: str) -> "Opened":
        """{name: secret}, or {} if nothing is stored; raises as `unseal` does."""
        return cls({name: unseal(ciphertext, bound_to=bound_to)} if ciphertext else {})

    def __repr__(self) -> str:
        return f"<opened: {', '.join(sorted(self))}>"

    __str__ = __repr__


def seal(secret: str, *, bound_to: str) -> str:
    """The ciphertext of a secret that opens only for the row with this id."""
    return _box().encrypt(f"{bound_to}\n{secret}".encode()).decode("ascii")


def unseal(ciphertext: str, *, bound_to: str) -> str:
    """The secret; raises Unavailable when no key opens it or it belongs to another row."""
    try:
        owner, _, secret = _box().decrypt(ciphertext.encode("ascii")).decode().partition("\n")
    except (InvalidToken, UnicodeError) as error:
        raise Unavailable(
            "A stored secret cannot be decrypted with the current keys.",
            hint="Check FIELD_KEYS, or enter the secret again.",
        ) from error
    if owner != bound_to:
        raise Unavailable("A stored secret belongs to another row.", hint="Enter the secret again.")
    return secret


def has_newest_key(ciphertext: str) -> bool:
    """Whether it was sealed with the first of FIELD_KEYS."""
    try:
        Fernet(_key(settings.FIELD_KEYS[0])).decrypt(ciphertext.encode("ascii"))
    except (InvalidToken, UnicodeError):
        return False
    return True


def _box() -> MultiFernet:
    keys: list[str] = settings.FIELD_KEYS
    return MultiFernet([Fernet(_key(text)) for text in keys])


def _key(text: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
