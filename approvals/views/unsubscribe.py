"""The public page of a message's unsubscribe link: GET changes nothing, POST unsubscribes."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django_ratelimit.core import get_usage

from accounts.views.login import too_many
from approvals.suppression import unsubscribing

# Mail providers send one-click requests for many people from few addresses.
RATE = "120/m"


@login_not_required
@csrf_exempt  # RFC 8058 3.2: mail programs post without a cookie; the token authorises
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET, unsubscribe on POST; both show the current state."""
    usage = get_usage(request, "unsubscribe", key="ip", rate=RATE, increment=True)
    if usage is not None and usage["should_limit"]:
        return too_many(request, max(1, int(usage["time_left"])))
    subscriber = unsubscribing.subscriber_of(token)
    if subscriber is not None and request.method == "POST":
        unsubscribing.unsubscribe(subscriber)
    status = 200 if subscriber else 404
    return render(request, "approvals/unsubscribe.html", {"subscriber": subscriber}, status=status)
