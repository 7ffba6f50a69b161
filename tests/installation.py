"""A real installation: migrated, filled, and started as processes.

It has a separate folder, on SQLite. To change something inside it between two requests, call a
function there by `do`.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import httpx

from tests import empty_database, inside
from tests.helper import ROOT, Helper
from tests.mail import wait_until
from tests.ports import free_port

PATIENCE = 120.0  # only bounds a hanging start

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

CELERY = ["-m", "celery", "-A", "pathbound_mcp", "worker", "--pool", "threads", "--concurrency"]
PROGRAMS = {
    "web": ["-m", "uvicorn", "pathbound_mcp.asgi:application", "--timeout-graceful-shutdown", "1"],
    "dispatch": ["manage.py", "dispatch"],
    "worker": [*CELERY, "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"],
}


@dataclass
class Installation:
    """A running one."""

    folder: Path
    url: str
    environment: dict[str, str]
    helper: Helper
    _processes: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)

    def do(
        self, function: Callable[Given, Answer], *args: Given.args, **kwargs: Given.kwargs
    ) -> Answer:
        """Call a function inside it; returns its result."""
        return self.helper.do(function, *args, **kwargs)

    def start(self, program: str) -> None:
        """Start one of PROGRAMS; the installation stops it."""
        more = ["--port", self.environment["PORT"]] if program == "web" else []
        with (self.folder / f"{program}.log").open("ab") as log:
            self._processes[program] = subprocess.Popen(
                [sys.executable, *PROGRAMS[program], *more],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        if program == "web":
            wait_until(self._answers, "the web process answers", PATIENCE)

    def kill(self, program: str) -> None:
        """SIGKILL, without warning."""
        process = self._processes.pop(program)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """End all processes; how they end in order is proved in tests/run."""
        for program in list(self._processes):
            self.kill(program)

    def _answers(self) -> bool:
        assert self._processes["web"].poll() is None, f"it ended; see {self.folder / 'web.log'}"
        try:
            return httpx.get(f"{self.url}/health/live", timeout=PATIENCE).status_code == 200
        except httpx.HTTPError:
            return False


@contextlib.contextmanager
def running(folder: Path, **variables: str) -> Iterator[Installation]:
    """One without processes yet, migrated and empty; `variables` go into its environment."""
    environment = _environment(folder, free_port()) | variables
    empty_database.put(folder / "var" / "pathbound.sqlite3")
    with (folder / "helper.log").open("ab") as log:
        helper = Helper(environment, log)
    made = Installation(folder, f"http://127.0.0.1:{environment['PORT']}", environment, helper)
    try:
        made.do(inside.migrate)
        yield made
    finally:
        made.stop()
        helper.stop()


def _environment(folder: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    settings: dict[str, Any] = {
        "DJANGO_SETTINGS_MODULE": "pathbound_mcp.settings",
        "ENV_FILE": os.devnull,
        "VAR_DIR": folder / "var",
        "PORT": port,
        "PYTHONPATH": ROOT,
        "LOG_LEVEL": "WARNING",
        "DISPATCH_IN_WORKER": "0",
    }
    return kept | {name: str(value) for name, value in settings.items()}
