"""The tests' database: copied from a kept one, and restored after tests that commit.

A migrated, empty database is kept for each state of the migrations: SQLite as a file
(tests/empty_database.py), PostgreSQL as a template database.
"""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.db import connection
from django.test import TransactionTestCase

from tests import empty_database

_LOCK = Path(__file__).parents[1] / ".pytest_cache" / "database.lock"


class Keeper:
    """Puts the kept database in place before Django looks for one, and keeps the one Django made.

    Workers that start together make it once: the others wait for the first.
    """

    def __init__(self) -> None:
        self._lock: IO[str] | None = None

    def put(self) -> None:
        """Start from the kept database, or hold the lock until `keep` is called."""
        _LOCK.parent.mkdir(parents=True, exist_ok=True)
        lock = _LOCK.open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        name = connection.creation._get_test_db_name()  # type: ignore[attr-defined]
        in_place = empty_database.put if connection.vendor == "sqlite" else _copy_template
        if in_place(name):
            lock.close()
        else:
            self._lock = lock

    def keep(self) -> None:
        """Keep the migrated and empty database for the next run."""
        if self._lock is None:
            return
        if connection.vendor == "sqlite":
            empty_database.keep()
        else:
            _make_template(connection.settings_dict["NAME"])
        self._lock.close()


def _template() -> str:
    return f"pathbound_empty_{empty_database.state_of_migrations()[:16]}"


def _copy_template(name: str) -> bool:
    with _server() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # an earlier run's
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_template()])
        found = cursor.fetchone() is not None
        if found:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{_template()}"')
        return found


def _make_template(source: str) -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined] # one with connections can't be copied
    with _server() as cursor:
        cursor.execute(f'CREATE DATABASE "{_template()}" TEMPLATE "{source}"')


@contextmanager
def _server() -> Iterator[Any]:
    """A cursor outside the tests' database, as Django uses to create and drop one."""
    with connection._nodb_cursor() as cursor:
        yield cursor


class Restorer:
    """Puts the empty database back after a test with real transactions.

    Django's flush empties every table by its own statement, runs the post-migrate handlers and is
    refused by the append-only tables on SQLite; this takes milliseconds.
    """

    def __init__(self) -> None:
        self._file: sqlite3.Connection | None = None
        self._kept: set[str] = set()

    def remember(self) -> None:
        """Call once, when the database is migrated and empty."""
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            self._file = sqlite3.connect(":memory:", check_same_thread=False)
            connection.connection.backup(self._file)
        else:
            self._kept = set(_tables_with_rows())

    def restore(self, _case: TransactionTestCase) -> None:
        """In place of TransactionTestCase._fixture_teardown."""
        connection.ensure_connection()
        if self._file is not None:
            self._file.backup(connection.connection)
            return
        written = [table for table in _tables_with_rows() if table not in self._kept]
        if not written:
            return
        with connection.cursor() as cursor:
            # Neither triggers nor foreign keys: delete all rows, in any order.
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("; ".join(f'DELETE FROM "{table}"' for table in written))  # noqa: S608
            cursor.execute("SET session_replication_role = DEFAULT")


def _tables_with_rows() -> list[str]:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        parts = [f"SELECT '{t}' WHERE EXISTS (SELECT 1 FROM \"{t}\")" for t in tables]  # noqa: S608
        cursor.execute(" UNION ALL ".join(parts))
        return [row[0] for row in cursor.fetchall()]
