"""/metrics for Prometheus (text format 0.0.4): what the outbox and the audit chain hold."""

import hmac

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from approvals.sending.outbox import outbox
from core import clock

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_LOOPBACK = {"127.0.0.1", "::1"}


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever has METRICS_TOKEN as a bearer token; without a token, for this machine only."""
    if not _may_read(request):
        raise PermissionDenied
    return HttpResponse(_text(), content_type=CONTENT_TYPE)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        is_bearer = scheme.lower() == "bearer"
        return is_bearer and hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
    # Behind a proxy everybody's direct address is this machine's.
    forwarded = any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED"))
    return request.META.get("REMOTE_ADDR") in _LOOPBACK and not forwarded


def _text() -> str:
    found, moment = outbox(), clock.now()
    gauges: list[tuple[str, str, list[tuple[str, float]]]] = [
        (
            "actions",
            "Actions by status.",
            [(f'{{status="{status}"}}', rows) for status, rows in found.by_status.items()],
        ),
        ("outbox_due", "Actions that should have begun.", [("", found.due)]),
        (
            "outbox_oldest_due_seconds",
            "How long the oldest of them has waited.",
            [("", found.late_seconds(moment))],
        ),
        ("unknown_outcomes", "Sends whose fate nobody can tell.", [("", found.unknown)]),
        ("audit_unsealed", "Audit rows that wait for the chain.", [("", found.unsealed)]),
        (
            "audit_oldest_unsealed_seconds",
            "How long the oldest of them has waited.",
            [("", found.unsealed_seconds(moment))],
        ),
    ]
    return "".join(_gauge(f"pathbound_{name}", words, rows) for name, words, rows in gauges)


def _gauge(name: str, words: str, rows: list[tuple[str, float]]) -> str:
    lines = [f"{name}{labels} {value:g}" for labels, value in rows]
    return "\n".join([f"# HELP {name} {words}", f"# TYPE {name} gauge", *lines]) + "\n"
