"""Health for load balancers: alive, and ready to work."""

from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from core import clock_skew

log = structlog.get_logger(__name__)

_migrated: list[bool] = []  # once true, true for the life of the process


@login_not_required
@never_cache
@require_safe
def live(_: HttpRequest) -> HttpResponse:
    """200 `ok` while the process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def ready(_: HttpRequest) -> JsonResponse:
    """200 when requests can be served, else 503: the database answers, has every migration, and
    agrees on the time.

    Without Redis everything works, slower: `redis` is then `degraded` and the status stays 200.
    """
    database = _database()
    parts: dict[str, Any] = {"database": database}
    if settings.REDIS_URL:
        parts["redis"] = _redis()
    is_ready = database == "ok"
    return JsonResponse(
        {"status": "ready" if is_ready else "not ready", "version": settings.VERSION, **parts},
        status=200 if is_ready else 503,
    )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated and _is_migrated():
            _migrated.append(True)
        is_right = clock_skew.is_right()
    except DatabaseError:
        log.warning("health.database_away")
        return "away"
    if not _migrated:
        return "migrations are missing"
    return "ok" if is_right else "another clock"


def _is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _redis() -> str:
    client: Redis = Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=0.1,
        socket_connect_timeout=0.1,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        client.ping()
    except RedisError:
        return "degraded"
    finally:
        client.close()
    return "ok"
