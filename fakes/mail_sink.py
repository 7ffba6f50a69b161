"""A real SMTP receiver that keeps every message it accepts and passes none on (RFC 5321).

    python -m fakes.mail_sink --dir DIR [--port 0] [--ready-file FILE] [--pause SECONDS]

For each message DIR gets NAME.eml, the bytes as they came, then NAME.json with the envelope, both
on the disk before the sender hears 250, which comes SECONDS later. Names sort by arrival. FILE gets
the port when it listens.
"""

import argparse
import asyncio
import json
import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

MAX_MESSAGE_BYTES = 35_000_000


class Keeper:
    """Writes accepted messages into a folder."""

    def __init__(self, folder: Path, pause: float) -> None:
        self._folder, self._pause = folder, pause
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the message and its envelope, then answer."""
        name = str(time.time_ns())
        login = session.auth_data if session.authenticated else None
        facts = {
            "id": name,
            "received_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "mail_from": envelope.mail_from,
            "rcpt_to": envelope.rcpt_tos,
            "login": login.login.decode("utf-8", "replace") if login else None,
            "helo": session.host_name,
        }
        content = envelope.content
        body = content if isinstance(content, bytes) else str(content or "").encode()
        self._write(f"{name}.eml", body)
        self._write(f"{name}.json", json.dumps(facts, indent=1).encode())
        await asyncio.sleep(self._pause)
        return f"250 OK: kept as {name}"

    def _write(self, name: str, content: bytes) -> None:
        fresh = self._folder / f"{name}.new"  # no name that a reader looks for
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self._folder / name)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def accept_any(_server: Any, _session: Any, _envelope: Any, _how: str, data: Any) -> AuthResult:
    """Any name and password will do; only the name is kept."""
    login = LoginPassword(data.login, b"") if isinstance(data, LoginPassword) else data
    return AuthResult(success=True, auth_data=login)


async def listen(folder: Path, port: int = 0, pause: float = 0.0) -> asyncio.Server:
    """Listen on 127.0.0.1 in the running loop."""
    keeper = Keeper(folder, pause)
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: SMTP(
            keeper,
            data_size_limit=MAX_MESSAGE_BYTES,
            enable_SMTPUTF8=True,
            ident="mail sink",
            hostname="mail-sink.test",
            authenticator=accept_any,
            auth_require_tls=False,
            loop=loop,
        ),
        "127.0.0.1",
        port,
    )


async def serve(folder: Path, port: int, ready_file: Path | None, pause: float) -> None:
    """Listen until SIGTERM or SIGINT."""
    server = await listen(folder, port, pause)
    if ready_file is not None:
        fresh = ready_file.with_suffix(".new")
        fresh.write_text(f"{server.sockets[0].getsockname()[1]}\n")
        fresh.replace(ready_file)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    server.close()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="fakes.mail_sink")
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ready-file", type=Path)
    parser.add_argument("--pause", type=float, default=0.0)
    given = parser.parse_args()
    asyncio.run(serve(given.dir, given.port, given.ready_file, given.pause))


if __name__ == "__main__":
    main()
