"""Deletes obsolete rows. Each function may run at any time, repeatedly."""

from datetime import timedelta

from django.db.models import Q

from core import clock
from core.actor import Actor
from core.db import unit
from oauth.models import AccessToken, Application, Connection, Grant, RefreshReplay, RefreshToken
from oauth.services import connections
from oauth.settings import REFRESH_TOKEN_IDLE_SECONDS, UNUSED_REGISTRATION_SECONDS

_BATCH = 1000
_UNFINISHED = timedelta(hours=1)


def delete_expired_tokens() -> int:
    """Delete dead access tokens and codes; refresh tokens stay while a replay must be recognised.

    Returns how many rows went; at most some thousand a call, so that no lock is held long.
    """
    now = clock.now()
    idle = now - timedelta(seconds=REFRESH_TOKEN_IDLE_SECONDS)
    ended = Q(connection__revoked_at__lt=now) | Q(connection__expires_at__lt=now)
    gone = _delete(RefreshReplay, Q(expires_at__lt=now))
    gone += _delete(Grant, Q(expires__lt=now - timedelta(days=1)))
    gone += _delete(RefreshToken, Q(revoked__lt=idle) | Q(created__lt=idle, revoked=None) | ended)
    gone += _delete(AccessToken, Q(expires__lt=now) | ended)
    return gone


def delete_unused_registrations() -> int:
    """Delete apps that registered themselves and were not used for a day; returns how many.

    Apps that were used go when no connection of theirs is live.
    """
    old = clock.now() - timedelta(seconds=UNUSED_REGISTRATION_SECONDS)
    live = Connection.objects.live().filter(application__isnull=False)
    rows = Application.objects.filter(
        registration_source=Application.RegistrationSource.DCR, created__lt=old
    ).exclude(pk__in=live.values("application_id"))
    keys = list(rows.values_list("pk", flat=True)[:_BATCH])
    rows.filter(pk__in=keys).delete()
    return len(keys)


def end_unfinished_connections() -> int:
    """End connections never completed, and those idle for 30 days; returns their number."""
    now = clock.now()
    idle = now - timedelta(seconds=REFRESH_TOKEN_IDLE_SECONDS)
    unfinished = Q(access_tokens=None, created_at__lt=now - _UNFINISHED)
    forgotten = Q(created_at__lt=idle) & ~Q(refresh_tokens__created__gte=idle)
    rows = Connection.objects.live().filter(unfinished | forgotten).distinct()
    ended = 0
    for connection in rows[:_BATCH]:
        actor = Actor.for_job("oauth.cleanup", str(connection.workspace_id))
        with unit():
            ended += connections.end(actor, connection, "expired")
    return ended


def _delete(model: type, condition: Q) -> int:
    keys = list(model.objects.filter(condition).values_list("pk", flat=True)[:_BATCH])  # type: ignore[attr-defined]
    model.objects.filter(pk__in=keys).delete()  # type: ignore[attr-defined]
    return len(keys)
