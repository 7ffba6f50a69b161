"""How often one address may knock: django-ratelimit without its own 403."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.http import HttpRequest
from django_ratelimit.core import get_usage
from django_ratelimit.decorators import ratelimit

View = TypeVar("View", bound=Callable[..., Any])


def rate_limited(group: str, rate: str) -> Callable[[View], View]:
    """Count the POSTs of an address and set `request.limited`; the view answers itself."""
    decorator = ratelimit(group=group, key="ip", rate=rate, method="POST", block=False)
    return cast("Callable[[View], View]", decorator)


def seconds_to_wait(request: HttpRequest, group: str, rate: str) -> int:
    """Seconds until the limit's window ends, at least 1."""
    usage: dict[str, Any] | None = get_usage(
        request, group=group, key="ip", rate=rate, method="POST", increment=False
    )
    return max(1, int(usage["time_left"])) if usage else 1
