"""Where providers report to: no login and no cookie; a signature speaks, or a secret sent once."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django_ratelimit.core import get_usage

from core.errors import AppError
from identities.providers.resend import reports
from identities.services.linkedin import hosted

RATE = "600/m"


@login_not_required
@csrf_exempt
@require_POST
def resend(request: HttpRequest, channel_id: str) -> HttpResponse:
    """204 when it was taken or is nothing to us; what is wrong is said in one line."""

    def take(body: bytes) -> None:
        reports.ingest(channel_id, request.headers, body)

    return _answer(request, reports.MOST_BYTES, take, status=204)


@login_not_required
@csrf_exempt
@require_POST
def unipile(request: HttpRequest, login_id: str) -> HttpResponse:
    """200 (its documentation asks for that) when it moves a login on; 404 whatever else it is."""

    def take(body: bytes) -> None:
        hosted.receive_report(login_id, request.GET.get("secret", ""), body)

    return _answer(request, hosted.MOST_BYTES, take, status=200)


def _answer(
    request: HttpRequest, most_bytes: int, take: Callable[[bytes], None], *, status: int
) -> HttpResponse:
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
