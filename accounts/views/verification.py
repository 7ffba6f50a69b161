"""Opening a verification link."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from accounts.saving import save
from accounts.services import verification
from core.errors import AppError, Conflict, ValidationFailed


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: Request, token: str) -> HttpResponse:
    """GET shows the address; POST verifies it: mail scanners follow links."""
    if request.method == "POST":
        done = "Your e-mail address is verified."
        return save(request, verification.verify, page=_page, done=done, to="members", token=token)
    try:
        verification.check_link(token, request.user)
    except (Conflict, ValidationFailed) as error:
        return _page(request, status=error.http_status, problem=error)
    return _page(request)


def _page(
    request: Request, form: object = None, *, status: int = 200, problem: AppError | None = None
) -> HttpResponse:
    return render(request, "accounts/verify.html", {"problem": problem}, status=status)
