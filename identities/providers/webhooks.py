"""Endpoints of providers' webhooks: no login and no cookie, but a signature or one-time secret."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django_ratelimit.core import get_usage

from core.errors import AppError

RATE = "600/m"


def answer(
    request: HttpRequest, most_bytes: int, take: Callable[[bytes], None], *, status: int
) -> HttpResponse:
    """`status` when `take` accepted the body; 413, 429 or the refusal's own status in one line."""
    usage = get_usage(request, "webhook", key="ip", rate=RATE, increment=True)
    if usage is not None and usage["should_limit"]:
        return HttpResponse("Too many requests.", status=429, content_type="text/plain")
    declared = int(request.headers.get("Content-Length") or 0)
    if declared > most_bytes or len(request.body) > most_bytes:
        return HttpResponse("Too large.", status=413, content_type="text/plain")
    try:
        take(request.body)
    except AppError as error:
        return HttpResponse(error.message, status=error.http_status, content_type="text/plain")
    return HttpResponse(status=status)
