"""The exclusive resources of a run: its folder and its port."""

import errno
import fcntl
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RUN_FILE = "run.json"
_CRASHED_RUN_SECONDS = 5.0


def make_folder(path: Path) -> None:
    """Make VAR_DIR, for its owner only, or exit with one sentence."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        (path / "log").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"VAR_DIR {path} cannot be used: {error.strerror}.") from None


@contextmanager
def lock_folder(path: Path) -> Iterator[None]:
    """Hold VAR_DIR. The lock is the kernel's: it ends with this process, even if that is killed."""
    with (path / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(
                f"Another run uses {path}; stop it, or set VAR_DIR and PORT for a second one."
            ) from None
        yield


@contextmanager
def listen_on(number: int, var_dir: Path) -> Iterator[socket.socket]:
    """Hold 127.0.0.1:`number` as a listening socket, which the web process inherits."""
    # Processes of a killed run need a moment to notice and release the port.
    patience = _CRASHED_RUN_SECONDS if (var_dir / RUN_FILE).exists() else 0.0
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(listener, number, time.monotonic() + patience)
        listener.listen(128)
        yield listener


def _bind(listener: socket.socket, number: int, deadline: float) -> None:
    while True:
        try:
            listener.bind(("127.0.0.1", number))
        except OSError as error:
            if error.errno == errno.EADDRINUSE and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            raise SystemExit(_why_not(number, error)) from None
        return


def _why_not(number: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {number} is in use; stop what uses it, or run with PORT={number + 1}."
    return f"Port {number} cannot be used: {error.strerror}."
