"""`make run` as a newcomer meets it: every process of the demo, and what the first start makes."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pathbound_mcp.env import ROOT, Environment
from pathbound_mcp.supervisor import plan
from tests import empty_database, filled_demo
from tests.run.runs import STOP_SECONDS, Run, is_alive, running, start_demo, wait_until_gone

pytestmark = [pytest.mark.slow, pytest.mark.e2e]
of_one_run = pytest.mark.xdist_group("demo-run")
HANGS_SECONDS = 600


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One run for the tests that leave it as it was; at the end its processes must all stop."""
    folder = tmp_path_factory.mktemp("shared") / "var"
    filled_demo.put(folder)
    with running(start_demo(folder)) as run:
        yield run
        pids = list(run.facts["pids"].values())
        run.process.send_signal(signal.SIGINT)

        assert run.process.wait(STOP_SECONDS) == 0
        wait_until_gone(pids)
        assert not (folder / "run.json").exists()


@of_one_run
def test_the_run_says_where_to_go_and_is_there(shared: Run) -> None:
    base = f"http://127.0.0.1:{shared.port}"

    assert f"Dashboard  {base}/" in shared.output
    assert f"MCP        {base}/mcp" in shared.output
    assert "Starting web, worker, beat and dispatch." in shared.output
    assert json.loads(shared.get("/health/ready")[1])["status"] == "ready"
    assert shared.get("/dev/mail/")[0] == 200


@of_one_run
def test_a_later_start_finds_the_demo_filled(shared: Run) -> None:
    assert "Filling the demo." in shared.output
    assert re.search(r"Acme: (today is there|\d+ events added)", shared.output)
    assert re.search(r"ada@acme.test +demo-pathbound +admin, Acme", shared.output)


@of_one_run
def test_run_json_lists_living_processes_and_loopback_ports(shared: Run) -> None:
    facts = shared.facts

    assert facts["pid"] == shared.process.pid
    providers = {"slack", "resend", "hubspot", "unipile", "anthropic", "openai", "mcp-server"}
    fakes = providers | {"mail-sink"}
    assert set(facts["pids"]) == fakes | {"web", "worker", "beat", "dispatch"}
    assert all(is_alive(pid) for pid in facts["pids"].values())
    for port in facts["ports"].values():
        socket.create_connection(("127.0.0.1", port), timeout=60).close()


@of_one_run
def test_a_head_without_end_is_refused(shared: Run) -> None:
    with socket.create_connection(("127.0.0.1", shared.port), timeout=60) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"a" * 70_000)
        assert client.recv(100).startswith(b"HTTP/1.1 400 ")


def test_the_first_start_fills_the_demo_as_large_as_it_is_meant_to_be(tmp_path: Path) -> None:
    empty_database.put(tmp_path / filled_demo.DATABASE)
    environ = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull}

    done = subprocess.run(
        [sys.executable, "manage.py", "prepare"],
        cwd=ROOT,
        env=environ | {"VAR_DIR": str(tmp_path), "DEMO": "1"},
        capture_output=True,
        text=True,
        timeout=HANGS_SECONDS,
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("Filling the demo.\n")
    contacts, events = (
        int(found[1])
        for words in (r"Acme: \d+ companies, (\d+) contacts", r"Acme: (\d+) events added")
        if (found := re.search(words, done.stderr))
    )
    assert contacts >= 2000
    assert events >= 60_000
    logins = json.loads(done.stdout.splitlines()[-1])["logins"]
    assert {login["email"] for login in logins} >= {"ada@acme.test", "ops@demo.test"}
    assert {login["password"] for login in logins} == {"demo-pathbound"}


def test_a_worker_ends_at_once_where_the_broker_is_none(tmp_path: Path) -> None:
    """The supervisor ends a run whose process dies again and again (test_supervisor)."""
    wrong = {"REDIS_URL": "nosuch://127.0.0.1/0", "ENV_FILE": os.devnull}
    made = plan.make(Environment(VAR_DIR=tmp_path), 0)
    (worker,) = (program for program in made.programs if program.name == "worker")

    done = subprocess.run(
        worker.command,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), **wrong},
        capture_output=True,
        timeout=HANGS_SECONDS,
    )

    assert done.returncode != 0
