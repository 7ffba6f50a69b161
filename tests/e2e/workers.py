"""A real worker of an installation: its own process, on the broker the environment names."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.server import ROOT, Installation

COMMAND = ["-m", "celery", "-A", "pathbound_mcp", "worker", "--pool", "threads"]
OPTIONS = ["--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]


@contextlib.contextmanager
def working(acme: Installation, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Start one; it dispatches nothing, the installation has a process for that."""
    with (folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *COMMAND, *OPTIONS],
            env=acme.environment | {"DISPATCH_IN_WORKER": "0"},
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
