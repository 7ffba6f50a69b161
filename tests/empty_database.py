"""An empty SQLite database with every migration applied, kept for each state of the migrations.

Applying them takes Django half a minute of a core, and every installation that a test starts needs
one. Run `migrate` on the copy nevertheless: it applies missing migrations and creates the guards of
core.ddl, which the kept file lacks because they follow the code.
"""

import hashlib
import inspect
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import django
import oauth2_provider
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from core import ddl

_FOLDER = Path(__file__).parents[1] / ".pytest_cache" / "empty-databases"


def put(file: str | Path) -> bool:
    """Copy the kept one to `file`, if there is one of these migrations; returns whether it did."""
    file = Path(file)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _kept().exists():
        return False
    shutil.copyfile(_kept(), file)
    return True


def keep() -> None:
    """Keep a copy of this process's database, which is migrated and empty now.

    Where no test takes the tests' database, pytest-django leaves it without tables.
    """
    if _kept().exists() or not MigrationRecorder(connection).has_table():
        return
    _FOLDER.mkdir(parents=True, exist_ok=True)
    connection.ensure_connection()
    with tempfile.TemporaryDirectory(dir=_FOLDER) as folder:
        copy = Path(folder) / "copy.sqlite3"
        with closing(sqlite3.connect(copy)) as target:
            connection.connection.backup(target)
            for guard in ddl.declared(connection):
                target.execute(guard.sql[0])
            target.commit()
        copy.replace(_kept())


def _kept() -> Path:
    return _FOLDER / f"{state_of_migrations()}.sqlite3"


def state_of_migrations() -> str:
    """A digest of every migration's text and of the versions it depends on."""
    digest = hashlib.sha256(f"{django.__version__} {oauth2_provider.__version__}".encode())
    for key, migration in sorted(MigrationLoader(None).disk_migrations.items()):
        digest.update(repr(key).encode() + Path(inspect.getfile(type(migration))).read_bytes())
    return digest.hexdigest()[:32]
