"""Test settings: a separate installation in a temporary folder, ignoring the developer's .env.

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
from _pytest.nodeid import NodeId

from tests.browser import chromium, launched, site, visit  # noqa: F401 - fixtures, one for all

_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw"))
_VAR_DIR = Path(tempfile.mkdtemp(prefix="pathbound-test-"))
_OURS = {"DJANGO_SETTINGS_MODULE": "pathbound_mcp.settings", "ENV_FILE": os.devnull}


# A busy machine is not a failure; speed is measured in bench/.
hypothesis.settings.register_profile(
    "ours", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("ours")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Have `--dist loadgroup` see the groups: pytest-xdist 3.8 writes them into a field that
    pytest 9.2 no longer reads, and silently makes each test a separate group.
    """
    if not getattr(config.option, "loadgroup", False):  # set in the workers of xdist
        return
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group and not item.nodeid.endswith(f"@{group.args[0]}"):
            item._id = NodeId.parse(f"{item.nodeid}@{group.args[0]}")


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
    settings.WHITENOISE_AUTOREFRESH = True  # or each test client rereads all static files
    # A worker of xdist inherits the settings of its parent: set its own Redis database here.
    # Timeouts are five times longer: a busy machine is not a failure.
    if settings.REDIS_URL:
        cache: dict[str, Any] = settings.CACHES["default"]
        settings.REDIS_URL = cache["LOCATION"] = _redis_url()
        cache["OPTIONS"] = {"socket_timeout": 5, "socket_connect_timeout": 5}
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("postgresql"):
        database["OPTIONS"]["options"] = "-c statement_timeout=25s -c lock_timeout=10s"
    if database["ENGINE"].endswith("sqlite3"):
        database["OPTIONS"]["timeout"] = 100
        # A file, as in real life: threads meet each other's locks, not a shared cache's.
        database.setdefault("TEST", {})["NAME"] = str(_VAR_DIR / "test.sqlite3")


os.environ.update(_OURS)
_prepare_environment()
_prepare_settings()
django.setup()  # the conftests below import models
atexit.register(shutil.rmtree, _VAR_DIR, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Put a kept database of these migrations in place before Django looks for one."""
    return True


@pytest.fixture(scope="session")
def _keeper(django_db_modify_db_settings_parallel_suffix: None) -> Any:
    from tests.database import Keeper

    return Keeper()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(_keeper: Any, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        _keeper.put()


@pytest.fixture(scope="session")
def django_db_setup(_keeper: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """After a test with real transactions the empty database is put back, without a flush."""
    from django.test import TransactionTestCase

    from tests.database import Restorer

    restorer = Restorer()
    with django_db_blocker.unblock():
        _keeper.keep()
        restorer.remember()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: restorer.restore(case))
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_heartbeats() -> Iterator[None]:
    """A test's transaction holds SQLite's only write lock, for which a job's heartbeat would wait.

    tests/jobs/test_worker.py tests the heartbeat, in a separate process.
    """
    from jobs import execution

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execution, "BEAT_SECONDS", 86_400.0)
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Rate limits of one test do not meet the next."""
    from django.core.cache import cache

    yield
    cache.clear()
