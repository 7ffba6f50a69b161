"""The folder and port that a run locks, and the error for a second run."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from pathbound_mcp.supervisor import run_lock
from pathbound_mcp.supervisor.__main__ import main
from tests.ports import free_port


def test_the_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    run_lock.make_folder(tmp_path / "var")

    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def refusal(folder: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """What `python -m pathbound_mcp.supervisor` ends with."""
    monkeypatch.setattr("sys.argv", ["pathbound_mcp.supervisor"])
    monkeypatch.setenv("VAR_DIR", str(folder))
    monkeypatch.setenv("PORT", str(port))
    monkeypatch.delattr("pathbound_mcp.supervisor.loop.Supervisor")  # none is started here
    with pytest.raises(SystemExit) as caught:
        main()
    # A text is printed to stderr, and the status is 1.
    assert isinstance(caught.value.code, str)
    assert "\n" not in caught.value.code
    return caught.value.code


def test_a_second_run_in_the_same_folder_ends_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "same"
    link.symlink_to(tmp_path / "var")
    run_lock.make_folder(tmp_path / "var")
    run_file = tmp_path / "var" / run_lock.RUN_FILE
    run_file.write_text("of the first run")

    with run_lock.lock_folder(tmp_path / "var"):
        said = refusal(link, free_port(), monkeypatch)

    assert said.startswith("Another run uses ")
    assert run_file.read_text() == "of the first run"


def test_a_busy_port_ends_the_run_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_lock.make_folder(tmp_path / "first")
    port = free_port()

    with run_lock.listen_on(port, tmp_path / "first"):
        said = refusal(tmp_path / "var", port, monkeypatch)

    assert said == f"Port {port} is in use; stop what uses it, or run with PORT={port + 1}."


def test_the_port_of_a_run_that_was_killed_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_lock.make_folder(tmp_path)
    (tmp_path / run_lock.RUN_FILE).touch()
    port, killed = free_port(), ExitStack()
    killed.enter_context(run_lock.listen_on(port, tmp_path / "its own"))
    monkeypatch.setattr("time.sleep", lambda _: killed.close())

    with run_lock.listen_on(port, tmp_path) as listener:
        assert listener.getsockname()[1] == port


def test_a_folder_that_cannot_be_used_ends_the_run_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()

    said = refusal(tmp_path / "file", free_port(), monkeypatch)

    assert said.startswith("VAR_DIR ")
