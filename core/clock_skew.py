"""Clock skew between this machine and the database: one writes deadlines, another reads them.

Undo windows, leases and token expiries use the clock of the process that wrote them. A process
whose clock is too far off could send early or claim what another one holds, so it does neither
until its clock is right again.
"""

from datetime import UTC, datetime

from django.db import connection

from core import clock

MOST_SECONDS = 2.0

# Julian days from the epoch, as SQLite counts since long before `unixepoch('subsec')`.
_SQLITE = "SELECT (julianday('now') - 2440587.5) * 86400.0"
_POSTGRESQL = "SELECT extract(epoch FROM clock_timestamp())"


def seconds_off() -> float:
    """How far this process's clock is ahead of the database's; negative if it is behind.

    A query takes time: a database time between the readings before and after counts as equal.
    """
    before = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_SQLITE if connection.vendor == "sqlite" else _POSTGRESQL)
        (found,) = cursor.fetchone()
    there = datetime.fromtimestamp(float(found), UTC)
    ahead, behind = (before - there).total_seconds(), (clock.now() - there).total_seconds()
    return max(ahead, 0.0) + min(behind, 0.0)


def is_right() -> bool:
    """Whether the skew is at most MOST_SECONDS."""
    return abs(seconds_off()) <= MOST_SECONDS
