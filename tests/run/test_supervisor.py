"""How a run starts, watches and stops its processes: real processes and signals, no Django."""

import os
import signal
from pathlib import Path

import pytest

from tests.run.runs import STOP_SECONDS, ended, running, start_small, wait_until_gone
from tests.run.waiting import wait_for

pytestmark = pytest.mark.slow


def test_a_small_run_is_ready_when_its_web_process_answers(tmp_path: Path) -> None:
    with running(start_small(tmp_path / "var")) as run:
        assert f"Dashboard  http://127.0.0.1:{run.port}/" in run.output
        assert "Starting web and helper." in run.output
        assert run.get("/")[0] == 200
        assert run.facts["pid"] == run.process.pid
        assert set(run.facts["pids"]) == {"web", "helper"}


def test_a_stop_takes_everything_down(tmp_path: Path) -> None:
    # The grandchild is in its parent's group, and ends with it.
    parent = "import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', {!r}])"
    told = tmp_path / "grandchild"
    grandchild = (
        f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid()) + '.'); time.sleep(3600)"
    )
    with running(start_small(tmp_path / "var", helper=parent.format(grandchild))) as run:
        wait_for(lambda: told.exists() and told.read_text().endswith("."))
        pids = [*run.facts["pids"].values(), int(told.read_text()[:-1])]
        run.process.send_signal(signal.SIGINT)

        assert run.process.wait(STOP_SECONDS) == 0
        wait_until_gone(pids)

    assert run.output.endswith("Stopping.\n")
    assert not (run.folder / "run.json").exists()


def test_a_stop_while_the_database_is_prepared_is_a_stop(tmp_path: Path) -> None:
    prepare = "import os, sys, time; print(os.getpid(), file=sys.stderr); time.sleep(3600)"
    run = start_small(tmp_path / "var", prepare=prepare)
    try:
        wait_for(lambda: run.output.count("\n") == 2)
        said, pid = run.output.splitlines()
        run.process.send_signal(signal.SIGINT)

        assert run.process.wait(STOP_SECONDS) == 0
        wait_until_gone([int(pid)])
    finally:
        run.process.kill()
        run.process.wait()
    assert said == "Migrating the database."
    assert "Traceback" not in run.output


def test_a_preparation_that_fails_ends_the_run_with_what_it_said(tmp_path: Path) -> None:
    with ended(start_small(tmp_path / "var", prepare="raise SystemExit('No such key.')")) as run:
        assert run.output == "Migrating the database.\nNo such key.\n"


def test_a_process_that_dies_is_started_again_and_none_outlives_the_supervisor(
    tmp_path: Path,
) -> None:
    with running(start_small(tmp_path / "var")) as run:
        before = run.facts["pids"]
        os.kill(before["helper"], signal.SIGKILL)
        wait_for(lambda: run.facts["pids"]["helper"] not in {None, before["helper"]})
        after = run.facts["pids"]
        run.process.kill()
        run.process.wait(STOP_SECONDS)

        wait_until_gone(after.values())

    assert "helper restarted." in run.output
    assert after["web"] == before["web"]


def test_a_process_that_cannot_start_ends_the_run(tmp_path: Path) -> None:
    with ended(start_small(tmp_path / "var", helper="raise SystemExit('no broker')")) as run:
        *_, told, last = run.output.splitlines()

    assert told.strip() == "no broker"
    assert last == f"helper keeps stopping; see {run.folder / 'log' / 'helper.log'}."
    assert run.output.count("helper stopped: no broker") == 5
    assert run.output.count("helper restarted.") == 4


def test_a_line_that_reports_an_error_reaches_the_console(tmp_path: Path) -> None:
    code = "import time\nwhile True: print('[error] a fault', flush=True); time.sleep(0.1)"
    with running(start_small(tmp_path / "var", helper=code)) as run:
        wait_for(lambda: "helper: [error] a fault" in run.output)
