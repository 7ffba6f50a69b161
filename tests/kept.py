"""Rows that many tests read, made once: each test's changes are undone, and at the end the rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import transaction

Made = TypeVar("Made")


@contextmanager
def rows(django_db_blocker: Any, make: Callable[[], Made]) -> Iterator[Made]:
    """The rows of `make`, for a module fixture whose tests use `db` without real transactions.

    One transaction spans the module; those of its tests are savepoints in it.
    """
    with django_db_blocker.unblock():
        spanning = transaction.atomic()
        spanning.__enter__()
        made = make()
    try:
        yield made
    finally:
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            spanning.__exit__(None, None, None)
