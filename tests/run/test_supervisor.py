"""`make run` and `make start` as a newcomer meets them: real processes, real signals."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pathbound_mcp.env import ROOT
from tests import empty_database
from tests.run.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

START_SECONDS = 240.0  # a first run fills the demo; a busy machine takes its time
STOP_SECONDS = 30.0


@dataclass
class Run:
    """A started supervisor."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int

    @property
    def output(self) -> str:
        return (self.folder.parent / f"{self.folder.name}.out").read_text()

    @property
    def facts(self) -> dict[str, Any]:
        """What run.json says."""
        facts: dict[str, Any] = json.loads((self.folder / "run.json").read_text())
        return facts

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a page."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()

    def wait_until_ready(self) -> None:
        wait_for(
            lambda: "Ready after" in self.output or self.process.poll() is not None, START_SECONDS
        )
        assert "Ready after" in self.output, self.output


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(
    folder: Path, *arguments: str, port: int = 0, environ: dict[str, str] | None = None
) -> Run:
    port = port or free_port()
    clean = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull}
    with (folder.parent / f"{folder.name}.out").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "pathbound_mcp.supervisor", *arguments],
            cwd=ROOT,
            env={**clean, **(environ or {}), "VAR_DIR": str(folder), "PORT": str(port)},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return Run(process, folder, port)


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Run]:
    run = start(folder, *arguments)
    try:
        run.wait_until_ready()
        yield run
    finally:
        run.process.terminate()
        status = run.process.wait(STOP_SECONDS)
    assert status in {0, -signal.SIGKILL}


@contextmanager
def ended(folder: Path, *, port: int = 0, environ: dict[str, str] | None = None) -> Iterator[Run]:
    """A run that ended by itself, with status 1."""
    run = start(folder, port=port, environ=environ)
    try:
        assert run.process.wait(START_SECONDS) == 1
        yield run
    finally:
        run.process.terminate()
        run.process.wait(STOP_SECONDS)


def refused(folder: Path, *, port: int = 0) -> str:
    """What such a run said."""
    with ended(folder, port=port) as run:
        return run.output


def is_alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(pids: list[int]) -> None:
    wait_for(lambda: not any(is_alive(pid) for pid in pids), STOP_SECONDS)


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """A folder whose database an earlier run has migrated."""
    empty_database.put(tmp_path / "var" / "pathbound.sqlite3")
    return tmp_path / "var"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One run for the tests that leave it as it was."""
    with running(tmp_path_factory.mktemp("shared") / "var", "--demo") as run:
        yield run


def test_the_run_says_where_to_go_and_is_there(shared: Run) -> None:
    base = f"http://127.0.0.1:{shared.port}"

    assert f"Dashboard  {base}/" in shared.output
    assert f"MCP        {base}/mcp" in shared.output
    assert json.loads(shared.get("/health/ready")[1])["status"] == "ready"
    assert shared.get("/dev/mail/")[0] == 200


def test_run_json_lists_living_processes_and_loopback_ports(shared: Run) -> None:
    facts = shared.facts

    assert facts["pid"] == shared.process.pid
    providers = {"slack", "resend", "hubspot", "unipile", "anthropic", "openai", "mcp-server"}
    standins = providers | {"mail-sink"}
    assert set(facts["pids"]) == standins | {"web", "worker", "beat", "dispatch"}
    assert all(is_alive(pid) for pid in facts["pids"].values())
    for port in facts["ports"].values():
        socket.create_connection(("127.0.0.1", port), timeout=5).close()


def test_the_folder_is_for_its_owner_only(shared: Run) -> None:
    assert shared.folder.stat().st_mode & 0o777 == 0o700


def test_a_second_run_in_the_same_folder_ends_in_one_sentence(shared: Run, tmp_path: Path) -> None:
    link = tmp_path / "same"
    link.symlink_to(shared.folder)

    said = refused(link)

    assert "Another run uses" in said
    assert said.count("\n") == 1
    assert shared.get("/health/live")[0] == 200


def test_a_busy_port_ends_the_run_in_one_sentence(shared: Run, tmp_path: Path) -> None:
    said = refused(tmp_path / "var", port=shared.port)

    assert said == (
        f"Port {shared.port} is in use; stop what uses it, or run with PORT={shared.port + 1}.\n"
    )


def test_a_folder_that_cannot_be_used_ends_the_run_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    said = refused(tmp_path / "file")

    assert said.startswith("VAR_DIR ")
    assert said.count("\n") == 1


def test_a_stop_takes_everything_down(begun: Path) -> None:
    with running(begun) as run:
        pids = list(run.facts["pids"].values())
        run.process.send_signal(signal.SIGINT)

        assert run.process.wait(STOP_SECONDS) == 0
        wait_until_gone(pids)

    assert not (run.folder / "run.json").exists()
    assert "Traceback" not in run.output


def test_a_stop_while_the_demo_fills_is_a_stop(begun: Path) -> None:
    run = start(begun, "--demo")
    try:
        wait_for(lambda: "Filling the demo." in run.output, START_SECONDS)
        run.process.send_signal(signal.SIGINT)

        assert run.process.wait(STOP_SECONDS) == 0
    finally:
        run.process.kill()
        run.process.wait()
    assert "Traceback" not in run.output


def test_a_process_that_dies_is_started_again_and_none_outlives_the_supervisor(begun: Path) -> None:
    with running(begun) as run:
        before = run.facts["pids"]
        os.kill(before["dispatch"], signal.SIGKILL)
        wait_for(lambda: run.facts["pids"]["dispatch"] not in {None, before["dispatch"]})
        after = run.facts["pids"]
        run.process.kill()
        run.process.wait(STOP_SECONDS)

        wait_until_gone(list(after.values()))

    assert "dispatch is started again." in run.output
    assert (after["web"], after["worker"]) == (before["web"], before["worker"])


def test_a_process_that_cannot_start_ends_the_run(begun: Path) -> None:
    with ended(begun, environ={"REDIS_URL": "nosuch://127.0.0.1/0"}) as run:
        last = run.output.splitlines()[-1]

    assert "stops again and again; see " in last
    assert last.startswith(("worker", "beat"))
