"""A real SMTP receiver for a test: started as a process, read from its folder."""

import contextlib
import email.policy
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Received:
    """One message as it came over the wire."""

    mail_from: str
    rcpt_to: list[str]
    mime: EmailMessage

    def part(self, kind: str) -> str:
        """The decoded text of the plain or html part, with plain line ends."""
        found = self.mime.get_body((kind,))
        return str(found.get_content()).replace("\r\n", "\n") if found else ""


@dataclass(frozen=True)
class Sink:
    """A running receiver."""

    port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def received(self) -> list[Received]:
        """Every message kept so far, oldest first."""
        return [_read(path) for path in sorted(self.folder.glob("*.json"))]


@contextlib.contextmanager
def running(folder: Path, *more: str) -> Iterator[Sink]:
    """Start a receiver, stop it at the end; `more` goes to its command line."""
    ready = folder / "ready"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "standins.mail_sink"),
            *("--dir", str(folder / "mail"), "--ready-file", str(ready), *more),
        ],
        cwd=Path(__file__).parent.parent,
    )
    try:
        wait_until(ready.exists, "the mail sink listens")
        yield Sink(int(ready.read_text()), folder / "mail")
    finally:
        process.terminate()
        process.wait(timeout=10)


def wait_until(condition: Any, what: str, seconds: float = 30.0) -> None:
    """Poll a condition; fails the test when it does not come true in time."""
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            raise AssertionError(f"did not happen within {seconds:g} s: {what}")
        time.sleep(0.05)


def _read(path: Path) -> Received:
    facts = json.loads(path.read_text())
    parser = BytesParser(EmailMessage, policy=email.policy.default)
    mime = parser.parsebytes(path.with_suffix(".eml").read_bytes())
    return Received(facts["mail_from"], facts["rcpt_to"], mime)
