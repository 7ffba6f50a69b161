"""The real thing: migrated, seeded, web and dispatch loop started as processes, mail received."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests import empty_database, mail
from tests.e2e.people import Person
from tests.mail import Sink, wait_until

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Installation:
    """A running installation and what was seeded into it."""

    base_url: str
    sink: Sink
    seeded: dict[str, str]
    environment: dict[str, str]
    _people: dict[str, Person] = field(default_factory=dict)

    def person(self, name: str, place: str = "acme") -> Person:
        """Somebody of a workspace, in one session: logins are few, and limited."""
        email = f"{name}@{place}.example"
        if email not in self._people:
            self._people[email] = Person(self.base_url, email)
        return self._people[email]

    def run(self, code: str) -> str:
        """Run a line of Python inside the installation, as its operator could."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup(); {code}"],
            env=self.environment,
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout


@contextlib.contextmanager
def installation(folder: Path, **variables: str) -> Iterator[Installation]:
    """Start one in `folder`; `variables` go into its environment."""
    port = _free_port()
    with mail.running(folder) as sink, contextlib.ExitStack() as stack:
        environment = _environment(folder, port, sink) | variables
        empty_database.put(folder / "var" / "pathbound.sqlite3")
        _manage(environment, "migrate", "--verbosity", "0")
        seeded = json.loads(_python(environment, "-m", "tests.e2e.seed"))
        web = ["-m", "uvicorn", "pathbound_mcp.asgi:application", "--port", str(port)]
        for arguments in ([*web, "--log-level", "warning"], ["manage.py", "dispatch"]):
            stack.enter_context(_process(environment, folder, arguments))
        base_url = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(f"{base_url}/health/live"), "the web process answers", 60)
        yield Installation(base_url, sink, seeded, environment)


@contextlib.contextmanager
def _process(environment: dict[str, str], folder: Path, arguments: list[str]) -> Iterator[None]:
    with (folder / f"{arguments[1]}.log".replace("/", "_")).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *arguments], env=environment, cwd=ROOT, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(folder: Path, port: int, sink: Sink) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "pathbound_mcp.settings",
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(folder / "var"),
        "PORT": str(port),
        "DEMO": "1",
        "PYTHONPATH": str(ROOT),
        "SMTP_RELAY_URL": sink.url,
        "UNDO_WINDOW_SECONDS": "1",
        "UNDO_WINDOW_CHAT_SECONDS": "1",
        "MCP_RATE_LIMIT": "1000/m",
    }


def _manage(environment: dict[str, str], *arguments: str) -> str:
    return _python(environment, "manage.py", *arguments)


def _python(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
