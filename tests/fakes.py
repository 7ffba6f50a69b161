"""Fake servers of providers for a test: started in a thread, read by their request logs."""

import contextlib
import importlib
import json
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from fakes.base import bound

STOP_SECONDS = 0.02  # maximum seconds for the server to stop


@dataclass(frozen=True)
class Provider:
    """A running fake server."""

    port: int
    log: Path

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def lines(self, path: str = "") -> list[dict[str, Any]]:
        """The requests so far, oldest first; only those to `path` if given."""
        text = self.log.read_text() if self.log.exists() else ""
        found = [json.loads(line) for line in text.splitlines()]
        return [line for line in found if not path or line["path"] == path]

    def effects(self, path: str = "") -> list[dict[str, Any]]:
        """Its effects."""
        return [line["effect"] for line in self.lines(path) if line.get("effect")]

    def fault(self, path: str, kind: str, **facts: Any) -> None:
        """Make the next request to `path` fail."""
        httpx.post(f"{self.origin}/__faults__", json=[{"path": path, "kind": kind, **facts}])

    def forget(self) -> None:
        """Empty the log and drop the faults that wait, for the next test."""
        httpx.delete(f"{self.origin}/__faults__")
        if self.log.exists():
            os.truncate(self.log, 0)


@contextlib.contextmanager
def running(name: str, folder: Path, *more: str) -> Iterator[Provider]:
    """Start a fake server in a thread, stop it at the end; `more` are command-line arguments."""
    log = folder / f"{name}.log"
    module, words = importlib.import_module(f"fakes.{name}"), ["--log", str(log), *more]
    if name == "mcp_server":
        with _asgi(*module.bound(words)) as port:
            yield Provider(port, log)
        return
    make, token = getattr(module, name.capitalize()), getattr(module, "TOKEN", "")
    server = bound(make, name, token, words)
    thread = threading.Thread(target=server.serve_forever, args=(STOP_SECONDS,))
    thread.start()
    try:
        yield Provider(server.server_address[1], log)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def _asgi(server: uvicorn.Server, listener: socket.socket) -> Iterator[int]:
    with listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()
