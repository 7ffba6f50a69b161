"""Writing down what a call came to: only the worker that made it knows, so it does not give up.

What it cannot write down becomes an unknown outcome, for a person. While the database is away or
busy it tries again until its lease is over; from then on the action is not its own any more.
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
    """Do `write` in a transaction of its own, once.

    Raises Conflict when somebody else has settled the action, and what the database said last when
    the lease is over.
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
    """Whether the try before was committed though its answer was lost.

    The action is read again: of a try that was rolled back it still has the values.
    """
    action.refresh_from_db()
    return Attempt.objects.filter(pk=attempt.pk, ended_at__isnull=False).exists()
