"""One child process: started in its own group, tied to our lifetime, restarted with backoff."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pathbound_mcp.env import ROOT
from pathbound_mcp.supervisor.plan import Program

QUICK_DEATH_SECONDS = 10.0
QUICK_DEATHS_ALLOWED = 5
_LONGEST_PAUSE_SECONDS = 8.0
_LARGEST_LOG_BYTES = 10_000_000
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Child:
    """A program and the process that runs it now."""

    def __init__(
        self, program: Program, environ: dict[str, str], log: Path, pause_seconds: float
    ) -> None:
        self.program = program
        self.log = log
        self.quick_deaths = 0
        self._environ = environ
        self._pause_seconds = pause_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_again_at: float | None = None
        if log.exists() and log.stat().st_size > _LARGEST_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def pid(self) -> int | None:
        """The process id, or None while it is down."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process; its output goes to the log file."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.program.command,
                cwd=ROOT,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=self.program.descriptors,
                preexec_fn=die_with(os.getpid()),  # safe: this process has one thread
            )
        self._started_at = time.monotonic()
        self._start_again_at = None

    def has_just_died(self) -> bool:
        """Whether the process ended since the last look; plans when to start it again."""
        if self._process is None or self._process.poll() is None:
            return False
        self._process = None
        lived = time.monotonic() - self._started_at
        self.quick_deaths = self.quick_deaths + 1 if lived < QUICK_DEATH_SECONDS else 1
        pause = min(self._pause_seconds * 2 ** (self.quick_deaths - 1), _LONGEST_PAUSE_SECONDS)
        self._start_again_at = time.monotonic() + pause
        return True

    @property
    def is_hopeless(self) -> bool:
        """Whether it died so often right after its start that another try makes no sense."""
        return self.quick_deaths >= QUICK_DEATHS_ALLOWED

    def start_if_due(self) -> bool:
        """Start it again when its pause is over."""
        if self._start_again_at is None or time.monotonic() < self._start_again_at:
            return False
        self.start()
        return True

    def stop(self, number: signal.Signals) -> None:
        """Send a signal to the process and all it started."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def has_ended(self, deadline: float) -> bool:
        """Wait for the end until a moment of the monotonic clock."""
        if self._process is None:
            return True
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True


def die_with(parent: int) -> Callable[[], None]:
    """Runs in the child before its program: SIGTERM when we die, even by kill -9."""

    def tie() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return tie
