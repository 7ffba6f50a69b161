"""/metrics for Prometheus: gauges of the outbox and audit chain, and this process's requests.

The gauges are read from the database and equal in every process. Durations are of the scraped web
process, so each process is a separate target; nothing forks, so no files are shared.
"""

import hmac
import time
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from approvals.sending.outbox import outbox
from core import clock

_LOOPBACK = {"127.0.0.1", "::1"}
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

tool_call_seconds = Histogram(
    "pathbound_tool_call_duration_seconds",
    "Tool calls by outcome: ok, or the error's code.",
    ["tool", "outcome"],
    buckets=_SECONDS,
)
_request_seconds = Histogram(
    "pathbound_http_request_duration_seconds",
    "HTTP requests, in seconds until the response starts.",
    ["method", "route", "status"],
    buckets=_SECONDS,
)


def observe_request(request: HttpRequest, answer: HttpResponseBase, started: float) -> None:
    """Count a request that began at `started` (time.perf_counter) under its route's pattern."""
    match = request.resolver_match
    _request_seconds.labels(
        method=request.method if request.method in _METHODS else "other",
        route=match.route if match else "none",
        status=answer.status_code,
    ).observe(time.perf_counter() - started)


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Requires METRICS_TOKEN as a bearer token; without a token set, for this machine only."""
    if not _may_read(request):
        raise PermissionDenied
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(REGISTRY), content_type=content_type)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        is_bearer = scheme.lower() == "bearer"
        return is_bearer and hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
    # Behind a proxy every direct address is this machine's.
    forwarded = any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED"))
    return request.META.get("REMOTE_ADDR") in _LOOPBACK and not forwarded


class _Outbox(Collector):
    def describe(self) -> list[GaugeMetricFamily]:
        """Empty: registering must not query the database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges, read on each scrape."""
        found, moment = outbox(), clock.now()
        actions = GaugeMetricFamily("pathbound_actions", "Actions by status.", labels=["status"])
        for status, rows in found.by_status.items():
            actions.add_metric([status], rows)
        yield actions
        for name, words, value in (
            ("outbox_due", "Actions that are due but not started.", found.due),
            (
                "outbox_oldest_due_seconds",
                "Seconds the oldest due action has waited.",
                found.late_seconds(moment),
            ),
            ("unknown_outcomes", "Sends whose outcome is unknown.", found.unknown),
            ("audit_unsealed", "Audit rows that are not sealed yet.", found.unsealed),
            (
                "audit_oldest_unsealed_seconds",
                "Seconds the oldest unsealed audit row has waited.",
                found.unsealed_seconds(moment),
            ),
        ):
            yield GaugeMetricFamily(f"pathbound_{name}", words, value)


REGISTRY.register(_Outbox())
