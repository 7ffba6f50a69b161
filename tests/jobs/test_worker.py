"""Real workers on the embedded broker: jobs are found without a message, and after kill -9."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from pathbound_mcp.env import ROOT
from tests.mail import wait_until

pytestmark = pytest.mark.slow

WORKER = ["-m", "celery", "-A", "tests.jobs.worker", "worker", "--pool", "threads"]
HANGS = 180.0  # seconds that nothing needs
OPTIONS = ["--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]


class Place:
    """A database of its own with one job in it, and workers on it."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.file = folder / "jobs.sqlite3"
        self.release = folder / "go on"
        kept = {n: v for n, v in os.environ.items() if n in {"PATH", "HOME", "LANG"}}
        self.environment = kept | {
            "DJANGO_SETTINGS_MODULE": "pathbound_mcp.settings",
            "ENV_FILE": os.devnull,
            "VAR_DIR": str(folder / "var"),
            "DATABASE_URL": f"sqlite:///{self.file}",
            "DEMO": "1",
            "DISPATCH_IN_WORKER": "0",
            "PYTHONPATH": str(ROOT),
        }

    def run(self, code: str) -> str:
        """Run a line of Python on this database."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup(); {code}"],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def worker(self) -> "subprocess.Popen[bytes]":
        """Start one."""
        log = self.stack.enter_context((self.folder / "log").open("ab"))
        process = subprocess.Popen(
            [sys.executable, *WORKER, *OPTIONS],
            env=self.environment,
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process

    def job(self) -> dict[str, Any]:
        """The one job as it is now."""
        with contextlib.closing(sqlite3.connect(self.file, timeout=20)) as database:
            database.row_factory = sqlite3.Row
            return dict(database.execute("SELECT * FROM jobs_job").fetchone())


@pytest.fixture
def place(db: None, tmp_path: Path) -> Iterator[Place]:
    if connection.vendor != "sqlite":
        pytest.skip("copies the tests' own SQLite file")
    with contextlib.ExitStack() as stack:
        made = Place(tmp_path, stack)
        with (
            contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"])) as source,
            contextlib.closing(sqlite3.connect(made.file)) as target,
        ):
            source.backup(target)
        made.run(
            "from tests.jobs.conftest import start; from tests import factories;"
            "from core.access import Role; at = factories.workspace();"
            "alice = factories.person(factories.member(at, 'Alice', Role.ADMIN));"
            f"start(alice, payload={{'file': {str(made.release)!r}}})"
        )
        yield made


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_job_is_found_kept_and_found_again_after_its_worker_was_killed(place: Place) -> None:
    first = place.worker()
    wait_until(lambda: place.job()["done"] == 1, "a worker finds the row, told by nobody", HANGS)
    taken = place.job()
    assert str(first.pid) in taken["message"]

    wait_until(
        lambda: moment(place.job()["lease_until"]) > moment(taken["lease_until"]),
        "the lease moves on while the runner says nothing",
        HANGS,
    )
    first.send_signal(signal.SIGKILL)
    first.wait()
    second = place.worker()

    wait_until(
        lambda: str(second.pid) in place.job()["message"], "the other worker takes it over", HANGS
    )
    place.release.touch()
    wait_until(lambda: place.job()["status"] == "completed", "it is completed", HANGS)
    assert (place.job()["crashes"], place.job()["claim"]) == (1, "")
    assert place.job()["result"] == f'{{"by": {second.pid}}}'
