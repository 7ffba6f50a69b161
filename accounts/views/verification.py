"""Opening a verification link."""

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import actors
from accounts.services import verification
from core.errors import AppError, Conflict, ValidationFailed

if TYPE_CHECKING:
    from accounts.models import User


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows whose address it is about; POST verifies it: mail scanners follow links."""
    user = cast("User", request.user)
    try:
        if request.method == "POST":
            verification.verify(actors.for_session(request), token, user)
            messages.success(request, "Your e-mail address is verified.")
            return redirect("members")
        verification.check_link(token, user)
    except (Conflict, ValidationFailed) as error:
        return _page(request, error.http_status, error)
    return _page(request)


def _page(request: HttpRequest, status: int = 200, problem: AppError | None = None) -> HttpResponse:
    return render(request, "accounts/verify.html", {"problem": problem}, status=status)
