"""Recording the result of a call: only the worker that made it knows it, so it keeps trying.

A result it cannot record becomes an unknown outcome, for a person. While the database is
unavailable or busy it retries until its lease is over; then the action is no longer its own.
"""

import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, close_old_connections

from approvals.models import Action, Attempt
from core import clock
from core.db import unit
from core.errors import Unavailable

PAUSE_SECONDS = 0.5


def commit_now(action: Action, attempt: Attempt, write: Callable[[], None]) -> None:
    """Run `write` in its own transaction, once.

    Raises Conflict when the action was settled elsewhere, and the last database error when the
    lease is over.
    """
    over = action.lease_until
    is_first = True
    while True:
        try:
            if is_first or not _is_written(action, attempt):
                with unit():
                    write()
            return
        except (InterfaceError, OperationalError, Unavailable):
            if over is None or clock.now() >= over:
                raise
        is_first = False
        close_old_connections()
        time.sleep(PAUSE_SECONDS)


def _is_written(action: Action, attempt: Attempt) -> bool:
    """Whether the previous try was committed although its confirmation was lost.

    Reads the action again: after a rolled-back try the object still has its values.
    """
    action.refresh_from_db()
    return Attempt.objects.filter(pk=attempt.pk, ended_at__isnull=False).exists()
