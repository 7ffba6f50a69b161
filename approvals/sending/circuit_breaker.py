"""A circuit breaker for each channel: a failing provider gets no calls, then one trial call.

1. Closed: everything goes through. `OPENS_AFTER` consecutive failures, or an answer with a delay,
   open it.
2. Open: nothing is begun until `open_until`.
3. Then the first caller may try and extends `open_until`; the others wait for its result.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from approvals.models import Breaker
from core import clock
from identities.channels import AnyChannel

OPENS_AFTER = 5
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
PROBE = timedelta(seconds=60)


def open_until(channel: AnyChannel) -> datetime | None:
    """Until when to wait; None when the caller may begin, as the first one after a pause may."""
    row = _rows(channel).first()
    if row is None or row.open_until is None:
        return None
    moment = clock.now()
    if row.open_until > moment:
        return row.open_until
    mine = _rows(channel).filter(open_until=row.open_until).update(open_until=moment + PROBE)
    return None if mine else moment + PROBE


def note_success(channel: AnyChannel) -> None:
    """Record a success: close."""
    _rows(channel).update(failures=0, open_until=None)


def note_trouble(channel: AnyChannel, wait: timedelta | None) -> None:
    """Record a failure; `wait` is the delay that the provider asked for."""
    if not _rows(channel).update(failures=F("failures") + 1):
        try:
            with transaction.atomic():
                Breaker.objects.create(
                    workspace_id=channel.workspace_id, channel_id=str(channel.pk), failures=1
                )
        except IntegrityError:  # another worker's first failure
            _rows(channel).update(failures=F("failures") + 1)
    row = _rows(channel).get()
    pause = wait or _pause(row.failures)
    if pause is not None:
        _rows(channel).update(open_until=clock.now() + pause)


def _pause(failures: int) -> timedelta | None:
    if failures < OPENS_AFTER:
        return None
    doubled: timedelta = FIRST_PAUSE * 2 ** min(failures - OPENS_AFTER, 10)
    return min(doubled, LONGEST_PAUSE)


def _rows(channel: AnyChannel) -> QuerySet[Breaker]:
    return Breaker.objects.filter(workspace_id=channel.workspace_id, channel_id=str(channel.pk))
