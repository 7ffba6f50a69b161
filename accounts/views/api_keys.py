"""The workspace's API keys: admins see all of them, and close any."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import ApiKeyForm, PasswordForm
from accounts.http import Request
from accounts.services import api_keys as keys
from accounts.services import verification
from core import clock
from core.errors import AppError, Conflict, Forbidden, ValidationFailed


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def api_keys(request: Request) -> HttpResponse:
    """GET lists the keys; POST makes one and shows it, this once."""
    if request.method != "POST":
        return _page(request, ApiKeyForm())
    form = ApiKeyForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    return _made(request, form, lambda: keys.create(request.actor, form.wish()))


@never_cache
@require_POST
def renew(request: Request, key_id: str) -> HttpResponse:
    """Make a second key with the same rights and show it, this once."""
    return _made(request, ApiKeyForm(), lambda: keys.rotate(request.actor, key_id))


@require_POST
def revoke(request: Request, key_id: str) -> HttpResponse:
    """End a key."""
    keys.revoke(request.actor, key_id)
    messages.success(request, "The key is revoked; its next request is refused.")
    return redirect("api_keys")


def _made(request: Request, form: ApiKeyForm, make: Callable[[], str]) -> HttpResponse:
    try:
        key = make()
    except ValidationFailed as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return _page(request, form, status=error.http_status)
    except (Conflict, Forbidden) as error:
        return _page(request, form, status=error.http_status, problem=error)
    return _page(request, ApiKeyForm(), key=key)


def _page(
    request: Request,
    form: ApiKeyForm,
    *,
    status: int = 200,
    problem: AppError | None = None,
    key: str = "",
) -> HttpResponse:
    actor = request.actor
    context = {
        "keys": keys.list_keys(actor),
        "form": form,
        "is_verified": verification.is_verified(actor),
        "password": None if actor.fresh_login else PasswordForm(),
        "problem": problem,
        "key": key,
        "now": clock.now(),
        "here": reverse("api_keys"),
    }
    return render(request, "accounts/api_keys.html", context, status=status)
