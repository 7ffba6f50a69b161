"""Pages of refusals: one sentence, the next step, the right status."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.errors import AppError


def app_error(request: HttpRequest, error: AppError) -> HttpResponse:
    """The page of an AppError: `error` and `status` in the template, `is_htmx` for a fragment."""
    page = render(
        request,
        "errors/app_error.html",
        {
            "error": error,
            "status": error.http_status,
            "is_htmx": request.headers.get("HX-Request") == "true",
        },
        status=error.http_status,
    )
    if error.retry_after_seconds is not None:
        page["Retry-After"] = str(error.retry_after_seconds)
    return page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The 403 page of a form whose token is missing or old; Django's reason stays out of it."""
    return render(request, "errors/csrf.html", {"status": 403}, status=403)
