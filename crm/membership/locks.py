"""One run at a time brings the segments of a workspace up to date.

A lock is a row with an expiry. Its holder extends it; the lock of a run that died expires.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction

from core import clock
from core.actor import Actor
from core.db import unit
from crm.models import SegmentLock

# Longer than any one segment needs, short enough that changes still show in time.
LASTS = timedelta(minutes=2)
_MOVED_ON_EVERY = timedelta(seconds=15)


class LockLost(Exception):
    """The lock expired and another run holds it."""


@dataclass(frozen=True, slots=True)
class WorkspaceLock:
    """A held lock."""

    actor: Actor
    holder: str

    def keep(self) -> None:
        """Extend it, at intervals. Raises LockLost when another run has it."""
        now = clock.now()
        with unit():
            mine = SegmentLock.objects.visible_to(self.actor).filter(holder=self.holder)
            fresh = mine.filter(until__gt=now + LASTS - _MOVED_ON_EVERY)
            if not fresh.exists() and not mine.update(until=now + LASTS):
                raise LockLost

    def give_back(self) -> None:
        """Release it, so that the next run can start."""
        with unit():
            SegmentLock.objects.visible_to(self.actor).filter(holder=self.holder).delete()


def acquire(actor: Actor) -> WorkspaceLock | None:
    """The lock of the actor's workspace, or None while another run holds it."""
    now, holder = clock.now(), secrets.token_hex(16)
    with unit():
        rows = SegmentLock.objects.visible_to(actor)
        rows.filter(until__lte=now).delete()
        try:
            with transaction.atomic():
                rows.create(workspace_id=actor.workspace_id, holder=holder, until=now + LASTS)
        except IntegrityError:
            return None
    return WorkspaceLock(actor, holder)
