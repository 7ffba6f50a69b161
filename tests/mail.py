"""A real SMTP receiver for a test: started in a thread, read from its folder."""

import asyncio
import contextlib
import email.policy
import json
import threading
import time
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from fakes import mail_sink


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
def running(folder: Path, pause: float = 0.0) -> Iterator[Sink]:
    """Start a receiver in a thread, stop it at the end; it answers after `pause` seconds."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=60)

    server = run(mail_sink.listen(folder / "mail", pause=pause))
    try:
        yield Sink(server.sockets[0].getsockname()[1], folder / "mail")
    finally:
        run(_close(server))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _close(server: asyncio.Server) -> None:
    """Close all connections and end their tasks."""
    server.close()
    mine = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not mine]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


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
