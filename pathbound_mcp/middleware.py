"""The outermost checks of a request, and the page a refusal becomes."""

import time
from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from core.errors import AppError
from pathbound_mcp import error_pages, metrics

Answer = HttpResponseBase | Awaitable[HttpResponseBase]

FORWARDED_HEADERS = (
    "Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-IP",
    "Via",
    "CF-Connecting-IP",
)


class _Middleware:
    """Base for middleware around synchronous and asynchronous views."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Answer]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        """Passes the request through."""
        return self.get_response(request)


class LoopbackOnlyMiddleware(_Middleware):
    """Refuse requests not meant for this server, before any other code reads them.

    With a loopback PUBLIC_BASE_URL only loopback names are answered, and no request forwarded by a
    proxy or tunnel: a demo exposed to the internet by accident stays closed, and DNS rebinding from
    another page fails.
    """

    def __call__(self, request: HttpRequest) -> Answer:
        """The refusal, or the inner response."""
        if iscoroutinefunction(self.get_response):
            return self._answer(request)
        return refusal(request) or self.get_response(request)

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        refused = refusal(request)
        if refused is not None:
            return refused
        answer = self.get_response(request)
        return answer if isinstance(answer, HttpResponseBase) else await answer


class MeasuringMiddleware(_Middleware):
    """Time each request for /metrics."""

    def __call__(self, request: HttpRequest) -> Answer:
        """The answer from further inside."""
        started = time.perf_counter()
        answer = self.get_response(request)
        if isinstance(answer, HttpResponseBase):
            metrics.observe_request(request, answer, started)
            return answer
        return self._later(request, answer, started)

    async def _later(
        self, request: HttpRequest, pending: Awaitable[HttpResponseBase], started: float
    ) -> HttpResponseBase:
        answer = await pending
        metrics.observe_request(request, answer, started)
        return answer


class NothingKeptMiddleware(_Middleware):
    """Responses are personal and current: not cached unless they allow it."""

    def __call__(self, request: HttpRequest) -> Answer:
        """The inner response, with `no-store` unless it sets Cache-Control."""
        answer = self.get_response(request)
        if isinstance(answer, HttpResponseBase):
            return _unkept(answer)
        return self._later(answer)

    async def _later(self, answer: Awaitable[HttpResponseBase]) -> HttpResponseBase:
        return _unkept(await answer)


def _unkept(answer: HttpResponseBase) -> HttpResponseBase:
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def refusal(request: HttpRequest) -> HttpResponse | None:
    """One sentence with 403 (loopback) or 421 (RFC 9110 15.5.20: not served here), or None."""
    known = _host_is_known(request)
    if not settings.IS_LOOPBACK:
        sentence = f"This server answers for {settings.PUBLIC_BASE_URL} only."
        return None if known else _plain(sentence, 421)
    if not known:
        return _plain("This server answers on this machine only; set PUBLIC_BASE_URL first.", 403)
    if any(header in request.headers for header in FORWARDED_HEADERS):
        return _plain("Forwarded requests are refused until PUBLIC_BASE_URL is set.", 403)
    return None


def _host_is_known(request: HttpRequest) -> bool:
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


def _plain(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")


class ErrorPageMiddleware(_Middleware):
    """Show an AppError that a page raised as a page with its sentence and status."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page of a refusal; other exceptions are left alone."""
        if not isinstance(exception, AppError):
            return None
        return error_pages.app_error(request, exception)
