"""Every error a caller can get: one class, one code, one sentence.

A surface translates once: MCP to an `isError` result, REST to a status, pages to a message. The
sentence is ours, says what to do next, and never quotes external text.
"""

from collections.abc import Sequence
from typing import Any, ClassVar


class AppError(Exception):
    """A refusal with a stable code and a sentence for people and models."""

    code: ClassVar[str] = "unavailable"
    http_status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(  # noqa: PLR0913 - one argument per field of the public error object
        self,
        message: str,
        *,
        hint: str = "",
        field: str | None = None,
        valid_values: Sequence[str] | None = None,
        did_you_mean: str | None = None,
        retry_after_seconds: int | None = None,
        **facts: str,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.field = field
        self.valid_values = list(valid_values) if valid_values is not None else None
        self.did_you_mean = did_you_mean
        self.retry_after_seconds = retry_after_seconds
        self.facts = facts

    @property
    def words(self) -> str:
        """The text for people: the message, and what to do next."""
        return f"{self.message} {self.hint}".strip()

    @property
    def message_beside(self) -> str:
        """The message without the field's path, to show next to the field."""
        return self.message.removeprefix(f"{self.field}: ")

    def as_dict(self) -> dict[str, Any]:
        """The public error object; absent facts are left out."""
        optional = {
            "field": self.field,
            "valid_values": self.valid_values,
            "did_you_mean": self.did_you_mean,
            "retry_after_seconds": self.retry_after_seconds,
        }
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "retryable": self.retryable,
            **{name: value for name, value in optional.items() if value is not None},
            **self.facts,
        }


class ValidationFailed(AppError):
    """The arguments do not fit the operation's schema."""

    code = "validation_failed"
    http_status = 400


class NotFound(AppError):
    """No such object in this workspace; foreign and missing ids get the same answer."""

    code = "not_found"
    http_status = 404

    def __init__(self, noun: str) -> None:
        super().__init__(
            f"No {noun} with this id exists in this workspace.",
            hint="Use an id from a list response.",
        )


class Conflict(AppError):
    """The object's state does not allow it."""

    code = "conflict"
    http_status = 409


class StillRunning(Conflict):
    """The first request with this idempotency key is still running; retry to get its answer."""

    retryable = True


class WrongFingerprint(Conflict):
    """This action never had the given fingerprint."""

    code = "wrong_fingerprint"


class Changed(Conflict):
    """The action changed after it was shown; it must be read again."""

    code = "changed"


class AlreadyDecided(Conflict):
    """Someone else decided first."""

    code = "already_decided"


class Forbidden(AppError):
    """The role does not allow it."""

    code = "forbidden"
    http_status = 403


class InsufficientScope(AppError):
    """The app or key lacks a scope (RFC 6750 3.1); `scopes` is everything the call needs."""

    code = "insufficient_scope"
    http_status = 403

    def __init__(self, scopes: Sequence[str]) -> None:
        self.scopes = sorted(scopes)
        super().__init__(
            f"This connection lacks the permission {' and '.join(self.scopes)}.",
            hint="Reconnect the app and tick this permission, or ask a workspace admin.",
        )


class QueueFull(AppError):
    """Too many open items from one source."""

    code = "queue_full"
    http_status = 409


class RateLimited(AppError):
    """More calls than allowed; `retry_after_seconds` is a whole number of at least 1."""

    code = "rate_limited"
    http_status = 429
    retryable = True


class IdempotencyMismatch(AppError):
    """The idempotency key was already used with other arguments."""

    code = "idempotency_mismatch"
    http_status = 422


class Paused(AppError):
    """The workspace is stopped; nothing starts until an admin resumes it."""

    code = "paused"
    http_status = 503


class Unavailable(AppError):
    """A required service is not responding; trying again later may work."""

    code = "unavailable"
    http_status = 503
    retryable = True
