"""Where Unipile reports to."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from identities.providers import webhooks
from identities.providers.linkedin.login import hosted


@login_not_required
@csrf_exempt
@require_POST
def unipile(request: HttpRequest, login_id: str) -> HttpResponse:
    """200 (its documentation asks for that) when it advances a login; else 404."""

    def take(body: bytes) -> None:
        hosted.receive_report(login_id, request.GET.get("secret", ""), body)

    return webhooks.answer(request, hosted.MOST_BYTES, take, status=200)
