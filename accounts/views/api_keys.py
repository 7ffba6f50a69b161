"""The workspace's API keys: admins see all of them, and close any."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import ApiKeyForm, PasswordForm
from accounts.http import Request
from accounts.saving import save
from accounts.services import api_keys as keys
from accounts.services import verification
from core import clock
from core.errors import AppError


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def api_keys(request: Request) -> HttpResponse:
    """GET lists the keys; POST makes one and shows it, this once."""
    if request.method != "POST":
        return _page(request)

    def shown(key: str) -> HttpResponse:
        return _page(request, key=key)

    return save(request, keys.create, ApiKeyForm(request.POST), page=_page, done=shown)


@never_cache
@require_POST
def renew(request: Request, key_id: str) -> HttpResponse:
    """Make a second key with the same rights and show it, this once."""

    def shown(key: str) -> HttpResponse:
        return _page(request, key=key)

    return save(request, keys.rotate, page=_page, done=shown, key_id=key_id)


@require_POST
def revoke(request: Request, key_id: str) -> HttpResponse:
    """End a key."""
    done = "Key revoked. Its next request will be refused."
    return save(request, keys.revoke, page=_page, done=done, to="api_keys", key_id=key_id)


def _page(
    request: Request,
    form: ApiKeyForm | None = None,
    *,
    status: int = 200,
    problem: AppError | None = None,
    key: str = "",
) -> HttpResponse:
    actor = request.actor
    context = {
        "keys": keys.list_keys(actor),
        "form": form or ApiKeyForm(),
        "is_verified": verification.is_verified(actor),
        "password": None if actor.fresh_login else PasswordForm(),
        "problem": problem,
        "key": key,
        "now": clock.now(),
        "here": reverse("api_keys"),
    }
    return render(request, "accounts/api_keys.html", context, status=status)
