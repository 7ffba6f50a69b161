"""Transactions: one unit of work of one actor."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

from core.errors import Unavailable

# PostgreSQL: lock_not_available, deadlock_detected, query_canceled, admin_shutdown
_RETRYABLE_SQLSTATES = {"55P03", "40P01", "57014", "57P01"}


@contextmanager
def unit(*, write: bool = True) -> Iterator[None]:
    """All or nothing. Reads on SQLite need no transaction: a transaction there is the write lock.

    Raises Unavailable (retryable) when the database is locked for longer than its timeout.
    """
    if not write and connection.vendor == "sqlite":
        yield
        return
    try:
        with transaction.atomic():
            yield
    except OperationalError as error:
        if _is_busy(error):
            raise Unavailable(
                "The database is busy. Nothing was changed.", hint="Try again in a few seconds."
            ) from error
        raise


def _is_busy(error: OperationalError) -> bool:
    state = getattr(error.__cause__, "sqlstate", None)
    return state in _RETRYABLE_SQLSTATES or "locked" in str(error)
