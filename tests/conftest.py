"""Test settings: an installation of its own in a temporary folder, blind to the developer's .env.

TEST_DATABASE_URL and TEST_REDIS_URL name services to run on instead of SQLite and files.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
import hypothesis
import pytest

from tests.browser import chromium, launched, site, visit  # noqa: F401 - fixtures, one for all

_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw"))
_VAR_DIR = Path(tempfile.mkdtemp(prefix="pathbound-test-"))
_OURS = {"DJANGO_SETTINGS_MODULE": "pathbound_mcp.settings", "ENV_FILE": os.devnull}


# A busy machine is no fault of what is tested; speed is measured in bench/.
hypothesis.settings.register_profile(
    "ours", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("ours")


def _redis_url() -> str:
    """A Redis database for each worker: clearing the cache empties it."""
    parts = urlsplit(os.environ.get("TEST_REDIS_URL", ""))
    database = int(parts.path.strip("/") or 0) + _WORKER + 1
    return parts._replace(path=f"/{database}").geturl() if parts.scheme else ""


def _prepare_environment() -> None:
    from pathbound_mcp.env import Environment

    for name in Environment.model_fields:
        os.environ.pop(name, None)
    os.environ["VAR_DIR"] = str(_VAR_DIR)
    os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "")
    os.environ["REDIS_URL"] = _redis_url()
    os.environ["LOG_FORMAT"] = "console"


def _prepare_settings() -> None:
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # A worker of xdist inherits the settings of its parent: its own Redis database is named here.
    # And five times the stated times: a busy machine is no fault of what is tested.
    if settings.REDIS_URL:
        cache: dict[str, Any] = settings.CACHES["default"]
        settings.REDIS_URL = cache["LOCATION"] = _redis_url()
        cache["OPTIONS"] = {"socket_timeout": 5, "socket_connect_timeout": 5}
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("postgresql"):
        database["OPTIONS"]["options"] = "-c statement_timeout=25s -c lock_timeout=10s"
    if database["ENGINE"].endswith("sqlite3"):
        # A file, as in real life: threads meet each other's locks, not a shared cache's.
        database.setdefault("TEST", {})["NAME"] = str(_VAR_DIR / "test.sqlite3")


os.environ.update(_OURS)
_prepare_environment()
_prepare_settings()
django.setup()  # the conftests below import models
atexit.register(shutil.rmtree, _VAR_DIR, ignore_errors=True)


def _on_sqlite() -> bool:
    from django.db import connection

    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    """On SQLite the database is filled before Django looks for it, and goes with its folder."""
    return django_db_keepdb or _on_sqlite()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    from django.db import connection

    from tests import empty_database

    if _on_sqlite():
        empty_database.put(Path(connection.settings_dict["TEST"]["NAME"]))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    from tests import empty_database

    if _on_sqlite():
        with django_db_blocker.unblock():
            empty_database.keep()


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Rate limits of one test do not meet the next."""
    from django.core.cache import cache

    yield
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _tables_can_be_emptied() -> Iterator[None]:
    """After a test with real transactions SQLite empties its tables by DELETE, which append-only
    tables refuse: their guards are lifted for that moment; the flush makes them anew.
    """
    from django.db import connection
    from django.test import TransactionTestCase

    from core import ddl

    case_class: Any = TransactionTestCase  # its stubs leave the method out
    empty = case_class._fixture_teardown

    def lift_and_empty(case: TransactionTestCase) -> None:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                for guard in ddl.declared(connection):
                    cursor.execute(guard.sql[0])
        empty(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(case_class, "_fixture_teardown", lift_and_empty)
        yield


@pytest.fixture(autouse=True, scope="session")
def _nobody_is_left_in_the_database(
    django_db_setup: None, django_db_blocker: Any
) -> Iterator[None]:
    """A thread of a test may outlive it with its connection; PostgreSQL drops no used database."""
    from django.db import connection

    yield
    if connection.vendor != "postgresql":
        return
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    connection.close()
