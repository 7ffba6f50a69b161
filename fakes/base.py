"""What the fake servers of HTTP providers share: a server, a request log, and faults on demand.

    python -m fakes.slack --log FILE [--port 0] [--ready-file FILE] [--token TOKEN]
        [--replay LOG]

Every request becomes one line of FILE, on the disk before the caller hears an answer: what came,
whether it was accepted, and its effect. FILE is only ever appended to: tests read it.

With `--replay` and the log of an earlier run it decides nothing itself: a request that is equal to
a recorded one (fakes.recording says which parts count) gets the recorded answer, any other the
provider's "not found".

`POST /__faults__` with a list of faults makes the next matching requests go wrong, one each:

    [{"path": "/emails", "kind": "status", "status": 429, "retry_after": 7},
     {"path": "/emails", "kind": "cut"}]

`status` answers so and does nothing · `fault_after` does it, then answers 500 · `cut` does it, then
hangs up without a word · `half` does it, then breaks off in its answer · `slow` waits `seconds`
before it answers · `wait` does so until the file `until` is there · `silent` does it and never
answers: it ends when the caller hangs up. `DELETE /__faults__` forgets those that wait.
"""

import argparse
import hashlib
import json
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from jsonschema import Draft202012Validator

from fakes.recording import Recording

FAULTS = "/__faults__"
MAX_BODY = 5_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON, or None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Page(str):
    """A body that is HTML, for a person's browser."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said back. `effect` is what was done, for the request log; none where nothing was."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    effect: dict[str, Any] | None = None
    replayed: bool = False


Route = Callable[[Call, re.Match[str]], Answer]


class Refuse(Exception):
    """A provider's "no", raised anywhere on the way."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.status))
        self.answer = answer


class FakeServer:
    """One provider: its routes, and how it says no. Subclasses fill both."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.recording: Recording | None = None
        self.routes: list[tuple[str, re.Pattern[str], Route]] = []

    def route(self, method: str, path: str, handler: Route) -> None:
        """Serve a method on every path that matches the whole pattern."""
        self.routes.append((method, re.compile(path), handler))

    def authorise(self, call: Call) -> None:
        """Raise Refuse unless the call carries the token."""
        raise NotImplementedError

    def unknown_route(self, call: Call) -> Answer:
        """The answer to a path or method that the documentation does not have."""
        return Answer(404, {"message": f"no such route: {call.method} {call.path}"})

    def rate_limited(self, retry_after: int | None) -> Answer:
        """The answer to too many requests."""
        return Answer(429, {"message": "Too many requests"}, _retry_after(retry_after))

    def broken(self, status: int) -> Answer:
        """The answer of a provider that has a fault."""
        return Answer(status, {"message": "Internal server error"})

    def logged(self, call: Call) -> str:
        """The body as the request log keeps it; a person's password has no place there."""
        return call.body.decode("utf-8", "replace")

    def handle(self, call: Call) -> Answer:
        """What the provider does with a call."""
        for method, pattern, handler in self.routes:
            match = pattern.fullmatch(call.path)
            if match and method == call.method:
                try:
                    self.authorise(call)
                    if self.recording is not None:
                        return self._recorded(call, self.recording)
                    return handler(call, match)
                except Refuse as refusal:
                    return refusal.answer
        return self.unknown_route(call)

    def _recorded(self, call: Call, recording: Recording) -> Answer:
        said = recording.said(call.method, call.path, self.logged(call))
        if said is None:
            return self.unknown_route(call)
        return Answer(*said, replayed=True)


def problem(schema: dict[str, Any], value: Any) -> str:
    """What is wrong with a value by its JSON Schema, in one line; empty when nothing is."""
    fault = next(iter(Draft202012Validator(schema).iter_errors(value)), None)
    if fault is None:
        return ""
    where = ".".join(str(part) for part in fault.absolute_path)
    return f"{where}: {fault.message}" if where else str(fault.message)


def bearer(call: Call) -> str:
    """The token of an Authorization header, or nothing (RFC 6750 2.1)."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _retry_after(seconds: int | None) -> dict[str, str]:
    return {} if seconds is None else {"Retry-After": str(seconds)}


class RequestLog:
    """The log: one line a request, appended and synced before the answer."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, call: Call, body: str, answer: Answer, fault: str) -> None:
        """Write what came and what was done about it; of the token only a digest."""
        secret = call.headers.get("authorization") or call.headers.get("x-api-key") or ""
        line = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "method": call.method,
            "path": call.path,
            "query": call.query,
            "content_type": call.headers.get("content-type", ""),
            "idempotency_key": call.headers.get("idempotency-key", ""),
            "token_digest": hashlib.sha256(secret.encode()).hexdigest()[:16],
            "body": body,
            "status": answer.status,
            "answer": answer.body,
            "effect": answer.effect,
            "replayed": answer.replayed,
            "fault": fault,
        }
        with self._lock:
            os.write(self._file, json.dumps(line, ensure_ascii=False).encode() + b"\n")
            os.fsync(self._file)


class Faults:
    """What goes wrong next."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[dict[str, Any]] = []

    def add(self, faults: list[dict[str, Any]]) -> None:
        """Queue faults behind those that wait."""
        with self._lock:
            self._waiting += faults

    def forget(self) -> None:
        """Drop those that wait."""
        with self._lock:
            self._waiting.clear()

    def take(self, call: Call) -> dict[str, Any]:
        """The next fault that is meant for this call, or an empty one."""
        with self._lock:
            for fault in self._waiting:
                if re.search(fault.get("path", ""), call.path):
                    self._waiting.remove(fault)
                    return fault
        return {}


def bound(
    make: Callable[[str], FakeServer],
    name: str,
    default_token: str,
    words: list[str] | None = None,
) -> ThreadingHTTPServer:
    """A server that listens on 127.0.0.1 as the command line, or `words`, says."""
    parser = argparse.ArgumentParser(prog=f"fakes.{name}")
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ready-file", type=Path)
    parser.add_argument("--token", default=default_token)
    parser.add_argument("--replay", type=Path)
    given = parser.parse_args(words)
    fake = make(given.token)
    fake.recording = Recording(given.replay) if given.replay else None
    facts = {"fake": fake, "request_log": RequestLog(given.log), "faults": Faults()}
    server = ThreadingHTTPServer(("127.0.0.1", given.port), type("Bound", (Handler,), facts))
    server.daemon_threads = True
    say_ready(given.ready_file, server.server_address[1])
    return server


def serve(make: Callable[[str], FakeServer], name: str, default_token: str) -> None:
    """Read the command line and serve until SIGTERM."""
    bound(make, name, default_token).serve_forever()


def say_ready(file: Path | None, port: int | str) -> None:
    """Write the port into the file whole, for whoever waits for it."""
    if file is not None:
        fresh = file.with_suffix(".new")
        fresh.write_text(f"{port}\n")
        fresh.replace(file)


class Handler(BaseHTTPRequestHandler):
    """One connection; a subclass made at the start knows whose."""

    protocol_version = "HTTP/1.1"
    fake: FakeServer
    request_log: RequestLog
    faults: Faults

    def answer(self) -> None:
        """Do what is asked, or what the next fault says; note it; then say so."""
        call = self._read()
        if call.path == FAULTS:
            if call.method == "DELETE":
                self.faults.forget()
            else:
                self.faults.add(call.json)
            self._say(Answer(200, {"ok": True}))
            return
        fault = self.faults.take(call)
        kind = fault.get("kind", "")
        answer = _with_fault(self.fake, call, fault)
        self.request_log.note(call, self.fake.logged(call), answer, kind)
        if kind == "slow":
            time.sleep(float(fault["seconds"]))
        while kind == "wait" and not Path(fault["until"]).exists():
            time.sleep(0.05)  # nothing tells when a file appears
        if kind == "silent":
            self.connection.recv(1)  # nothing comes: it returns when the caller hangs up
            self.close_connection = True
        elif kind == "cut":
            self._hang_up()
        else:
            self._say(answer, half=kind == "half")

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer  # noqa: N815 - its names

    def _read(self) -> Call:
        parts = urlsplit(self.path)
        length = min(int(self.headers.get("Content-Length") or 0), MAX_BODY)
        return Call(
            method=self.command,
            path=unquote(parts.path),
            query={key: values[-1] for key, values in parse_qs(parts.query).items()},
            headers={key.lower(): value for key, value in self.headers.items()},
            body=self.rfile.read(length),
        )

    def _say(self, answer: Answer, *, half: bool = False) -> None:
        is_page = isinstance(answer.body, Page)
        content = (answer.body if is_page else json.dumps(answer.body, ensure_ascii=False)).encode()
        kind = "text/html" if is_page else "application/json"
        self.send_response(answer.status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        for key, value in answer.headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if half else content)
        if half:
            self._hang_up()

    def _hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: Any) -> None:
        """The request log says it all."""


def _with_fault(fake: FakeServer, call: Call, fault: dict[str, Any]) -> Answer:
    if fault.get("kind") == "status":
        if fault["status"] == 429:
            return fake.rate_limited(fault.get("retry_after"))
        return fake.broken(fault["status"])
    answer = fake.handle(call)
    if fault.get("kind") == "fault_after":
        broken = fake.broken(500)
        return Answer(500, broken.body, broken.headers, answer.effect)
    return answer
