"""How the random secrets we hand out are kept: links, keys, sessions, codes and tokens."""

import hashlib


def checksum(secret: str) -> str:
    """How a secret of ours is stored and looked up: SHA-256, 64 hexadecimal digits.

    So many random bits need no slow hash (OWASP ASVS 6.5.2).
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
