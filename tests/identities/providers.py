"""Fake servers of providers started as processes, and a secret to look for."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pathbound_mcp.env import ROOT

CANARY = "canary-7f3a91-never-shown"
START_SECONDS = 60


@dataclass
class Provider:
    """A running fake server, and its requests so far."""

    url: str
    log: Path

    def asked(self) -> str:
        """Its request log."""
        return self.log.read_text() if self.log.exists() else ""

    def post(self, path: str, body: Any = None) -> None:
        """Send a control request to the fake server: faults, a change."""
        request = urllib.request.Request(
            self.url + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        urllib.request.urlopen(request, timeout=20).close()


@contextmanager
def fake(module: str, folder: Path) -> Iterator[Provider]:
    """Start `python -m fakes.MODULE`, wait until it listens, end it."""
    ready, log = folder / f"{module}.port", folder / f"{module}.log"
    words = ["-m", f"fakes.{module}", "--log", str(log), "--ready-file", str(ready)]
    process = subprocess.Popen([sys.executable, *words], cwd=ROOT)
    try:
        ends = time.monotonic() + START_SECONDS
        while not ready.exists():
            assert process.poll() is None, "the fake server ended"
            assert time.monotonic() < ends, "the fake server did not start"
            time.sleep(0.05)  # there is no signal when a file appears
        yield Provider(f"http://127.0.0.1:{ready.read_text().strip()}", log)
    finally:
        process.terminate()
        process.wait(timeout=20)
