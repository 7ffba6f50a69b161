"""Where providers report to: no login and no cookie, the signature alone speaks."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django_ratelimit.core import get_usage

from core.errors import AppError
from identities.services import reports

RATE = "600/m"


@login_not_required
@csrf_exempt
@require_POST
def resend(request: HttpRequest, channel_id: str) -> HttpResponse:
    """204 when it was taken or is nothing to us; what is wrong is said in one line."""
    usage = get_usage(request, "webhook", key="ip", rate=RATE, increment=True)
    if usage is not None and usage["should_limit"]:
        return HttpResponse("Too many requests.", status=429, content_type="text/plain")
    if int(request.headers.get("Content-Length") or 0) > reports.MOST_BYTES:
        return HttpResponse("Too large.", status=413, content_type="text/plain")
    try:
        reports.take(channel_id, request.headers, request.body)
    except AppError as error:
        return HttpResponse(error.message, status=error.http_status, content_type="text/plain")
    return HttpResponse(status=204)
