"""Whose request it is: the address that rate limits count."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

NOBODY = "0.0.0.0"  # noqa: S104 - a value to count by, nothing listens on it


def client_ip(request: HttpRequest) -> str:
    """The client's IP address, always a valid one; NOBODY if it is unknown.

    With TRUSTED_PROXY_HOPS = n it is the n-th entry from the right of X-Forwarded-For: entries
    further left were written by the client. A list that is too short is not trusted.
    """
    direct = _parsed(request.META.get("REMOTE_ADDR", "")) or NOBODY
    hops: int = settings.TRUSTED_PROXY_HOPS
    if not hops:
        return direct
    entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return (_parsed(entries[-hops]) if len(entries) >= hops else None) or direct


def _parsed(text: str) -> str | None:
    for candidate in (text.strip(), _without_port(text.strip())):
        try:
            address = ipaddress.ip_address(candidate.partition("%")[0])
        except ValueError:
            continue
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return str(mapped or address)
    return None


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0]
