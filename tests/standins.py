"""Stand-ins of providers for a test: started as processes, read from their logs."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.mail import wait_until

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Provider:
    """A running stand-in."""

    port: int
    log: Path

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def lines(self, path: str = "") -> list[dict[str, Any]]:
        """What came so far, oldest first; only what went to `path` when one is given."""
        text = self.log.read_text() if self.log.exists() else ""
        found = [json.loads(line) for line in text.splitlines()]
        return [line for line in found if not path or line["path"] == path]

    def effects(self, path: str = "") -> list[dict[str, Any]]:
        """What it did."""
        return [line["effect"] for line in self.lines(path) if line.get("effect")]

    def fault(self, path: str, kind: str, **facts: Any) -> None:
        """Let the next request to `path` go wrong."""
        httpx.post(f"{self.origin}/__faults__", json=[{"path": path, "kind": kind, **facts}])


@contextlib.contextmanager
def running(name: str, folder: Path, *more: str) -> Iterator[Provider]:
    """Start a stand-in, stop it at the end."""
    ready, log = folder / f"{name}.port", folder / f"{name}.log"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", f"standins.{name}"),
            *("--log", str(log), "--ready-file", str(ready), *more),
        ],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(ready.exists, f"the stand-in {name} listens")
        yield Provider(int(ready.read_text()), log)
    finally:
        process.terminate()
        process.wait(timeout=10)
