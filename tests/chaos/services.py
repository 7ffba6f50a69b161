"""A PostgreSQL and a Redis to kill: in a temporary folder, on free ports, never existing ones."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import redis

from tests.mail import wait_until
from tests.ports import free_port


class Postgres:
    """A cluster in a temporary folder; run by `postgres` where we are root, which it refuses."""

    def __init__(self, folder: Path) -> None:
        self._data, self._folder, self._port = folder / "data", folder, free_port()
        self._before = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._before:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        self._run("initdb", "-N", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C")
        self._run("pg_ctl", *self._as_told(), "start")

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self._port}/postgres"

    def restart(self, how: str) -> None:
        """`fast` breaks every connection and stops in order; `immediate` is a crash, recovered."""
        self._run("pg_ctl", *self._as_told(), "-m", how, "restart")

    def stop(self) -> None:
        """Stop it."""
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def _as_told(self) -> list[str]:
        # fsync guards against the machine's end, which is not tried here.
        told = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        return ["-w", "-l", str(self._folder / "log"), "-o", told]

    def _run(self, name: str, *arguments: str) -> None:
        command = [*self._before, _program(name), "-D", str(self._data), *arguments]
        # The server that pg_ctl starts would keep its output open: discard it.
        done = subprocess.run(
            command,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}"


class Redis:
    """A server without persistence: a kill empties it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Begin, empty."""
        options = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", ""]
        self._process = subprocess.Popen(
            ["redis-server", *options, "--dir", str(self._folder)], stdout=subprocess.DEVNULL
        )
        wait_until(self._answers, "Redis answers")

    def kill(self) -> None:
        """SIGKILL; the port is then closed."""
        self._process.kill()
        self._process.wait()

    def wipe(self) -> None:
        """All keys of all its databases."""
        with redis.Redis(port=self._port, socket_timeout=5) as client:
            client.flushall()

    def pause(self) -> None:
        """It accepts connections but does not answer."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """It answers again."""
        self._process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            with redis.Redis(port=self._port, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """A cluster for the time of a test."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-pg-"))
    try:
        cluster = Postgres(folder)
        yield cluster
        cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def own_redis(folder: Path) -> Iterator[Redis]:
    """A Redis for the time of a test."""
    server = Redis(folder)
    try:
        yield server
    finally:
        server.resume()
        server.kill()


def _program(name: str) -> str:
    """Debian does not have them on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name) or name
