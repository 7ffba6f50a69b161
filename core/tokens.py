"""Storage of the random secrets we issue: links, keys, sessions, codes and tokens."""

import hashlib


def checksum(secret: str) -> str:
    """The stored form of a secret, also for lookups: SHA-256, 64 hexadecimal digits.

    A secret this random needs no slow hash (OWASP ASVS 6.5.2).
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
