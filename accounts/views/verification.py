"""Opening a verification link."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from accounts.services import verification
from core.errors import AppError, Conflict, ValidationFailed


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: Request, token: str) -> HttpResponse:
    """GET shows whose address it is about; POST verifies it: mail scanners follow links."""
    user = request.user
    try:
        if request.method == "POST":
            verification.verify(request.actor, token, user)
            messages.success(request, "Your e-mail address is verified.")
            return redirect("members")
        verification.check_link(token, user)
    except (Conflict, ValidationFailed) as error:
        return _page(request, error.http_status, error)
    return _page(request)


def _page(request: Request, status: int = 200, problem: AppError | None = None) -> HttpResponse:
    return render(request, "accounts/verify.html", {"problem": problem}, status=status)
