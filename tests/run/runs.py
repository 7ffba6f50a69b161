"""Started supervisors: over small programs, and the real ones."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pathbound_mcp.env import ROOT
from tests.ports import free_port
from tests.run.waiting import wait_for

# They only catch hanging processes.
START_SECONDS, STOP_SECONDS = 240.0, 60.0


@dataclass
class Run:
    """A started supervisor."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int

    @property
    def output(self) -> str:
        """Its output so far."""
        return (self.folder.parent / f"{self.folder.name}.out").read_text()

    @property
    def facts(self) -> dict[str, Any]:
        """The content of run.json."""
        facts: dict[str, Any] = json.loads((self.folder / "run.json").read_text())
        return facts

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a page."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return answer.status, answer.read().decode()

    def wait_until_ready(self) -> None:
        """Return when it reports ready; fail when it ends."""
        wait_for(
            lambda: "Ready after" in self.output or self.process.poll() is not None, START_SECONDS
        )
        assert "Ready after" in self.output, self.output


def start_small(folder: Path, *, prepare: str = "", **programs: str) -> Run:
    """Start a run of small programs, given as Python (tests/run/small.py)."""
    wanted = {"programs": programs, **({"prepare": prepare} if prepare else {})}
    return _start(folder, "tests.run.small", json.dumps(wanted))


def start_demo(folder: Path) -> Run:
    """Start the demo, all of it."""
    return _start(folder, "pathbound_mcp.supervisor", "--demo")


def _start(folder: Path, module: str, *arguments: str) -> Run:
    port = free_port()
    environ = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull}
    with (folder.parent / f"{folder.name}.out").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**environ, "VAR_DIR": str(folder), "PORT": str(port)},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return Run(process, folder, port)


@contextmanager
def running(run: Run) -> Iterator[Run]:
    """Wait until it is ready; stop it at the end."""
    try:
        run.wait_until_ready()
        yield run
    finally:
        run.process.terminate()
        status = run.process.wait(STOP_SECONDS)
    assert status in {0, -signal.SIGKILL}
    assert "Traceback" not in run.output


@contextmanager
def ended(run: Run) -> Iterator[Run]:
    """Wait until it ends by itself, with status 1."""
    try:
        assert run.process.wait(START_SECONDS) == 1
        yield run
    finally:
        run.process.kill()
        run.process.wait()
    assert "Traceback" not in run.output


def is_alive(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(pids: Collection[int]) -> None:
    """Return when all of the processes have ended; kill the rest, and fail."""
    try:
        wait_for(lambda: not any(is_alive(pid) for pid in pids), STOP_SECONDS)
    except AssertionError:
        for pid in filter(is_alive, pids):
            os.kill(pid, signal.SIGKILL)
        raise
