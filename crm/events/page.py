"""The parts of a page's address that are filtered and grouped by, and where a visit came from.

Domains are cut by the public suffix list that comes with tldextract; nothing is fetched.
"""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, parse_qs, urlsplit

from tldextract import TLDExtract

_domains = TLDExtract(suffix_list_urls=(), cache_dir=None)
DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Page:
    """An address in parts; empty where the address does not say."""

    domain: str = ""
    path: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""


def page_of(url: str) -> Page:
    """The parts of an http or https address; empty for any other scheme."""
    parts = _split(url)
    if parts is None:
        return Page()
    tags = _query(parts)
    return Page(
        domain=_host(parts)[:253],
        path=(parts.path or "/")[:1000],
        utm_source=tags.get("utm_source", "")[:120],
        utm_medium=tags.get("utm_medium", "")[:120],
        utm_campaign=tags.get("utm_campaign", "")[:120],
    )


def referring_domain(url: str, referrer: str) -> str:
    """The registrable domain a visit came from (news.google.co.uk: google.co.uk).

    `direct` for a page without a referrer; empty where there is no page either.
    """
    came_from = _split(referrer)
    if came_from is None:
        return DIRECT if _split(url) is not None else ""
    return _registrable(_host(came_from))[:253]


@lru_cache(maxsize=4096)
def _registrable(host: str) -> str:
    found = _domains(host)
    return found.top_domain_under_public_suffix or host


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        is_page = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:  # an unclosed bracket in the host
        return None
    return parts if is_page else None


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").rstrip(".").lower()


def _query(parts: SplitResult) -> dict[str, str]:
    try:
        found = parse_qs(parts.query, max_num_fields=100)
    except ValueError:
        return {}
    return {key: values[0] for key, values in found.items() if values}
