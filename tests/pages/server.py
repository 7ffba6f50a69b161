"""A server of its own for browsers: SQLite in a temporary folder, filled by tests.pages.seed."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError

from tests import empty_database, factories

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


@dataclass
class Server:
    """Where it answers, and the ids of its drafts (see tests.pages.seed)."""

    url: str
    drafts: dict[str, Any]
    password: str = factories.PASSWORD
    sessions: dict[str, Any] = field(default_factory=dict)
    run: Callable[..., str] = field(kw_only=True)

    def work(self) -> None:
        """Do what waits for a worker, as a worker would."""
        self.run("-m", "tests.pages.work")


@contextmanager
def running(folder: Path, drafts: int) -> Iterator[Server]:
    """Start it, wait until it answers, end it."""
    port = _free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "DJANGO_SETTINGS_MODULE": "pathbound_mcp.settings",
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(folder / "var"),
        "PORT": str(port),
        "LOG_LEVEL": "WARNING",
    }

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout

    empty_database.put(folder / "var" / "pathbound.sqlite3")
    run("manage.py", "migrate", "--verbosity", "0")
    made = json.loads(run("-m", "tests.pages.seed", str(drafts)))
    words = ["-m", "uvicorn", "pathbound_mcp.asgi:application", "--port", str(port)]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, *words, "--timeout-graceful-shutdown", "1"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(f"{url}/login/", process)
            yield Server(url, made, run=run)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)  # nothing tells when a port opens
    raise AssertionError("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
