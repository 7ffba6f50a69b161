"""Transactions are atomic, and a busy database gives a clear error."""

import threading
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from accounts.models import Workspace
from core.db import unit
from core.errors import Unavailable
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_fails_half_way_leaves_nothing() -> None:
    def fail() -> None:
        with unit():
            factories.workspace()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert not Workspace.objects.exists()


def test_a_read_opens_no_transaction_on_sqlite() -> None:
    with unit(write=False):
        assert connection.in_atomic_block == (connection.vendor == "postgresql")


def test_another_error_of_the_database_is_not_called_busy() -> None:
    with pytest.raises(OperationalError), unit():
        raise OperationalError("no such table")


def test_a_database_locked_too_long_is_told_and_nothing_is_changed() -> None:
    place = factories.workspace()
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with unit():
                Workspace.objects.filter(pk=place.pk).update(name="Held")
                locked.set()
                done.wait(timeout=60)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(timeout=60)
    try:
        with connection.cursor() as cursor:
            is_sqlite = connection.vendor == "sqlite"
            cursor.execute("PRAGMA busy_timeout=50" if is_sqlite else "SET lock_timeout='50ms'")
        with pytest.raises(Unavailable, match="busy") as refusal, unit():
            Workspace.objects.filter(pk=place.pk).update(name="Mine")
    finally:
        done.set()
        holder.join(timeout=60)
        connection.close()
    assert refusal.value.retryable
    assert Workspace.objects.get(pk=place.pk).name == "Held"


def test_the_journal_of_sqlite_lets_readers_and_a_writer_meet() -> None:
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)
    assert ".sqlite3" in Path(str(connection.settings_dict["NAME"])).name
