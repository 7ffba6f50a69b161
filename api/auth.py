"""Authenticates a key as an Actor; every request counts against the key's rate limit."""

import re
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

from accounts.services import api_keys
from accounts.services.api_keys import Caller
from api.errors import NotAuthenticated
from core import limits
from core.limits import Rate

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,255})", re.IGNORECASE)


def authenticate(request: HttpRequest) -> Caller:
    """The caller.

    Raises NotAuthenticated, or RateLimited with the seconds to wait. The remaining limit is stored
    on the request, for the answer's headers.
    """
    match = _BEARER.fullmatch(request.headers.get("Authorization", "").strip())
    caller = api_keys.identify(match.group(1)) if match else None
    if caller is None:
        raise NotAuthenticated(given="Authorization" in request.headers)
    rate = _rate(caller.rate_limit or settings.REST_RATE_LIMIT)
    request.rate = rate  # type: ignore[attr-defined]
    client = caller.actor.client
    bucket = f"rest:{client.connection_id if client else caller.actor.user_id}"
    request.allowance = limits.take(bucket, rate)  # type: ignore[attr-defined]
    return caller


@lru_cache(maxsize=64)
def _rate(text: str) -> Rate:
    return Rate.parse(text)
