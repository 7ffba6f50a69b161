"""Where Resend reports to."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from identities.providers import webhooks
from identities.providers.resend import reports


@login_not_required
@csrf_exempt
@require_POST
def resend(request: HttpRequest, channel_id: str) -> HttpResponse:
    """204 when it was processed or ignored; an error is one line."""

    def take(body: bytes) -> None:
        reports.ingest(channel_id, request.headers, body)

    return webhooks.answer(request, reports.MOST_BYTES, take, status=204)
