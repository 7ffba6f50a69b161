"""Everything under /v1/: opened to keys, closed to sessions, JSON to the last path."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt

from api import errors
from api.v1 import api
from core.limits import Allowance, Rate

View = Callable[..., HttpResponseBase]

# Ninja's own page for the bare prefix shows nothing; the last pattern answers there too.
_UNUSED = "api-root"


def with_headers(view: View) -> View:
    """The outermost layer of a view: Ninja's own answers, and headers of every answer."""

    @wraps(view, updated=())
    def outermost(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            allowed = response.headers.get("Allow", "")
            refusal = errors.MethodNotAllowed("This method is not allowed here.")
            response = errors.answer(request, refusal)
            response["Allow"] = allowed
        _mark(request, response)
        return response

    return csrf_exempt(login_not_required(outermost))


def _mark(request: HttpRequest, response: HttpResponseBase) -> None:
    response.headers.setdefault("Cache-Control", "no-store")
    rate: Rate | None = getattr(request, "rate", None)
    if rate is None:
        return
    left: Allowance | None = getattr(request, "allowance", None)
    wait = response.headers.get("Retry-After", rate.seconds)
    response["RateLimit-Policy"] = f"{rate.calls};w={rate.seconds}"
    response["RateLimit-Limit"] = str(rate.calls)
    response["RateLimit-Remaining"] = str(left.remaining if left else 0)
    response["RateLimit-Reset"] = str(left.reset_seconds if left else wait)


def nothing_here(request: HttpRequest) -> HttpResponse:
    """404 in the API's own shape."""
    return errors.answer(request, errors.NoSuchPath())


def _patterns() -> list[URLPattern]:
    found, _, _ = api.urls
    made = []
    for pattern in found:
        if isinstance(pattern, URLPattern) and pattern.name != _UNUSED:
            pattern.callback = with_headers(pattern.callback)
            made.append(pattern)
    return made


app_name = "v1"
urlpatterns = [
    *_patterns(),
    path("", with_headers(nothing_here)),
    re_path(r"^.*$", with_headers(nothing_here)),
]
