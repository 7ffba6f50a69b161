"""The two resources tokens are for (RFC 8707): the origin and its /mcp, which are one server."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

MAX_LENGTH = 512


def root() -> str:
    """The origin, as people may type it."""
    return settings.PUBLIC_BASE_URL


def mcp() -> str:
    """The MCP endpoint: the default resource of a token."""
    return f"{settings.PUBLIC_BASE_URL}/mcp"


def canonical(uri: str) -> str | None:
    """The canonical form of a resource, with or without a final slash; None for a foreign one.

    In the demo, localhost and 127.0.0.1 are one origin.
    """
    plain = _as_configured(uri.removesuffix("/")) if settings.DEMO else uri.removesuffix("/")
    return plain if plain in {root(), mcp()} else None


def canonical_all(uris: Iterable[str]) -> list[str] | None:
    """Every named resource, canonical; `/mcp` when none is named; None when one is foreign."""
    named = [canonical(uri) for uri in uris if uri]  # RFC 6749 3.1: empty is as good as omitted
    if None in named:
        return None
    return sorted({uri for uri in named if uri}) or [mcp()]


def _as_configured(uri: str) -> str:
    ours = urlsplit(settings.PUBLIC_BASE_URL)
    if ours.hostname not in {"localhost", "127.0.0.1"}:
        return uri
    for host in ("localhost", "127.0.0.1"):
        prefix = f"{ours.scheme}://{host}" + (f":{ours.port}" if ours.port else "")
        if uri == prefix or uri.startswith(f"{prefix}/"):
            return settings.PUBLIC_BASE_URL + uri.removeprefix(prefix)
    return uri
