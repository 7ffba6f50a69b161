"""Refusals as REST answers: a status, one sentence, the field, and when to retry."""

from collections.abc import Sequence
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from api import envelope
from core.errors import AppError, InsufficientScope, NotFound, Unavailable, ValidationFailed

log = structlog.get_logger(__name__)

RETRY_AFTER_SECONDS = 5


class NotAuthenticated(AppError):
    """No key, or an invalid one; an unauthenticated caller learns no more than which."""

    code = "unauthorized"
    http_status = 401

    def __init__(self, *, given: bool) -> None:
        super().__init__(
            "This API key is invalid." if given else "An API key is missing.",
            hint="Send `Authorization: Bearer sk_...` with a key from Settings, API keys.",
        )


class KeyLacksScope(InsufficientScope):
    """An app reconnects for a missing scope; for REST a new key is needed."""

    def __init__(self, scopes: Sequence[str]) -> None:
        super().__init__(scopes)
        self.message = f"This key lacks the scope {' and '.join(self.scopes)}."
        self.hint = (
            "A key's scopes never change; an admin can create a new key in Settings, API keys."
        )


class TooLarge(ValidationFailed):
    """The body is longer than MAX_BODY_BYTES."""

    http_status = 413


class NotJson(ValidationFailed):
    """The body is declared as something else than JSON."""

    http_status = 415


class MethodNotAllowed(ValidationFailed):
    """The path exists, the method on it does not."""

    code = "method_not_allowed"
    http_status = 405


class NoSuchPath(NotFound):
    """Nothing is served at this path."""

    def __init__(self) -> None:
        AppError.__init__(self, "Unknown path.", hint="See /v1/docs.")


class Broken(Unavailable):
    """An internal error; the operator finds it by the request id."""

    http_status = 500


def answer(request: HttpRequest, refusal: AppError) -> HttpResponse:
    """The response of a refusal, with the headers its status asks for."""
    response = envelope.as_response(envelope.error(refusal), refusal.http_status)
    if refusal.http_status == 401:
        # RFC 6750 3: without a token no error code is given
        had_key = "Authorization" in request.headers
        response["WWW-Authenticate"] = 'Bearer error="invalid_token"' if had_key else "Bearer"
    seconds = refusal.retry_after_seconds
    if refusal.http_status == 503 and seconds is None:
        seconds = RETRY_AFTER_SECONDS
    if seconds is not None:
        response["Retry-After"] = str(seconds)
    return response


def translated(fault: Exception) -> AppError:
    """Any exception as a refusal; an unexpected one is logged and its text withheld."""
    if isinstance(fault, InsufficientScope):
        return KeyLacksScope(fault.scopes)
    if isinstance(fault, AppError):
        return fault
    if isinstance(fault, RequestDataTooBig):
        return TooLarge("The body is too large.")
    if isinstance(fault, SuspiciousOperation):
        return ValidationFailed("The request is malformed.")
    if isinstance(fault, OperationalError | InterfaceError):
        log.warning("rest.database_away", request_id=envelope.request_id())
        return Unavailable("The database is not responding.", hint="Try again in a few seconds.")
    log.error("rest.call_failed", request_id=envelope.request_id(), exc_info=fault)
    return Broken("Something went wrong on our side.", hint="Give the operator this request_id.")


def handle_exception(request: HttpRequest, fault: Any) -> HttpResponse:
    """The exception handler of the API."""
    return answer(request, translated(fault))
