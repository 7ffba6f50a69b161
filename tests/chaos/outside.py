"""An installation under storm, seen from outside: processes, database, request logs."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests import fakes, mail
from tests.fakes import Provider
from tests.mail import Sink, wait_until

ROOT = Path(__file__).parent.parent.parent
# Kept this long before the answer: there a kill finds a worker in its call.
PAUSE_SECONDS = 0.15
LOADED: list[str] = []  # the command dispatch, in a fork of the loaded project
DISPATCH = ["manage.py", "dispatch"]
CELERY = ["-m", "celery", "-A", "pathbound_mcp", "worker", "-P", "solo", "-l", "warning"]


@dataclass
class Installation:
    """The running installation, and its output."""

    folder: Path
    database_url: str
    sink: Sink
    resend: Provider
    inside: "subprocess.Popen[str]"

    def begin(self, do: str, **arguments: Any) -> int:
        """Start a process inside; returns its id."""
        assert self.inside.stdin
        assert self.inside.stdout
        self.inside.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self.inside.stdin.flush()
        pid: int = json.loads(self.inside.stdout.readline())["pid"]
        return pid

    def sent(self) -> int:
        """How many messages the request logs have."""
        kept = sum(1 for _ in self.sink.folder.glob("*.json"))
        return kept + len(self.resend.log.read_bytes().splitlines())

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query; none while the database is down."""
        try:
            if self.database_url.startswith("sqlite"):
                return self._sqlite(sql, values)
            with psycopg.connect(self.database_url, autocommit=True) as connection:
                found = connection.execute(sql.replace("?", "%s").encode(), values)
                return found.fetchall() if found.description else []
        except (sqlite3.OperationalError, psycopg.OperationalError):
            return []

    def _sqlite(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self._file, timeout=5)) as connection, connection:
            return connection.execute(sql, values).fetchall()

    @property
    def _file(self) -> str:
        return self.database_url.removeprefix("sqlite:///")

    def busy(self) -> list[int]:
        """The process ids of workers that hold an action, from its claim."""
        sql = "SELECT lease_owner FROM approvals_action WHERE status = 'running'"
        return [int(owner.split(":")[-2]) for (owner,) in self.rows(sql)]

    def calling(self) -> list[int]:
        """The process ids of workers that have begun a call and not recorded its end."""
        sql = (
            "SELECT lease_owner FROM approvals_action a JOIN approvals_attempt t"
            " ON t.action_id = a.id WHERE a.status = 'running' AND t.ended_at IS NULL"
        )
        return [int(owner.split(":")[-2]) for (owner,) in self.rows(sql)]

    def is_writable(self) -> bool:
        """Whether no frozen worker holds SQLite's write lock."""
        if not self.database_url.startswith("sqlite"):
            return True
        with contextlib.closing(sqlite3.connect(self._file, timeout=1)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            connection.rollback()
            return True

    def left(self) -> int:
        """How many actions have not ended; many while the database is away."""
        ended = "('completed', 'failed', 'cancelled', 'rejected')"
        found = self.rows(f"SELECT count(*) FROM approvals_action WHERE status NOT IN {ended}")  # noqa: S608
        return int(found[0][0]) if found else 1_000_000

    def diary(self) -> list[dict[str, Any]]:
        """The people's record."""
        file = self.folder / "diary"
        lines = file.read_text().splitlines(keepends=True) if file.exists() else []
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def ledger(self) -> dict[str, Any]:
        """The current ledger."""
        file = self.folder / "ledger.json"
        self.begin("ledger", to=str(file))
        wait_until(file.exists, "the ledger is written down", 60)
        found: dict[str, Any] = json.loads(file.read_text())
        return found


@contextlib.contextmanager
def installation(folder: Path, database_url: str, redis_url: str = "") -> Iterator[Installation]:
    """Its fake servers and the process that begins all others; the schema is there already."""
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(mail.running(folder, PAUSE_SECONDS))
        api = stack.enter_context(fakes.running("resend", folder))
        variables = environment(folder, database_url) | {
            "REDIS_URL": redis_url,
            "SMTP_RELAY_URL": sink.url,
            "RESEND_API_URL": api.origin,
        }
        log = stack.enter_context((folder / "log").open("ab"))
        inside = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.inside"],
            env=variables,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        stack.callback(_end, inside)
        assert inside.stdout
        assert inside.stdout.readline(), (folder / "log").read_text()
        yield Installation(folder, database_url, sink, api, inside)


def environment(folder: Path, database_url: str) -> dict[str, str]:
    """The environment of its processes."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "pathbound_mcp.settings",
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(folder / "var"),
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": database_url,
        "DATABASE_POOL_SIZE": "40",
        "UNDO_WINDOW_SECONDS": "0",
        "UNDO_WINDOW_CHAT_SECONDS": "0",
        "LOG_FORMAT": "console",
    }


def make_difficult(provider: Provider, number: int, broken: tuple[str, ...] = ()) -> None:
    """Delay the answers of the next requests, and let some of them fail."""
    late = {"path": "/emails", "kind": "slow", "seconds": PAUSE_SECONDS}
    faults = [dict(late) for _ in range(number)]
    for index, kind in enumerate(broken, start=1):
        faults.insert(index * number // (len(broken) + 1), {"path": "/emails", "kind": kind})
    httpx.post(f"{provider.origin}/__faults__", json=faults)


def _end(inside: "subprocess.Popen[str]") -> None:
    """Everything it began is in its session, frozen or not."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(inside.pid, signal.SIGKILL)
    inside.wait()
    for pipe in (inside.stdin, inside.stdout):
        if pipe:
            pipe.close()
