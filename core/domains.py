"""Domain names: one bare host name, normalised as in DNS (RFC 1035, RFC 5891)."""

import re

import idna

from core.errors import ValidationFailed

_NAME = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)


def normalize(text: str, *, field: str = "domain") -> str:
    """The domain in lower case, without `www.`, characters beyond ASCII as xn--.

    Raises ValidationFailed for addresses of pages, IP addresses and anything else.
    """
    name = ascii_form(text.strip().lower().rstrip(".").removeprefix("www."))
    if not _NAME.fullmatch(name):
        raise ValidationFailed(
            "Invalid domain name.",
            hint="Use a bare domain like acme.com, without https:// or a path.",
            field=field,
        )
    return name


def ascii_form(text: str) -> str:
    """The name as in DNS, or an empty value if it is not valid."""
    try:
        return idna.encode(text, uts46=True).decode("ascii") if text else ""
    except (idna.IDNAError, UnicodeError):
        return ""
