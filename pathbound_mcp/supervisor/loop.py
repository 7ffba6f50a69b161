"""The life of a run: prepare, start, watch, stop."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from types import FrameType
from urllib.parse import urlsplit

from pathbound_mcp.env import ROOT, Environment
from pathbound_mcp.supervisor import run_lock
from pathbound_mcp.supervisor.console import (
    ErrorLines,
    last_lines,
    print_line,
    say_ready,
    write_run_file,
)
from pathbound_mcp.supervisor.plan import FakeServer, Plan, Program
from pathbound_mcp.supervisor.processes import Child, die_with
from pathbound_mcp.supervisor.run_lock import RUN_FILE

READY_WITHIN_SECONDS = 90.0
STOP_WITHIN_SECONDS = 10.0
_LOOK_EVERY_SECONDS = 0.2


def run(environment: Environment, make: Callable[[Environment, int], Plan]) -> None:
    """Hold the folder and the port, and run the plan `make` returns for the port's descriptor."""
    run_lock.make_folder(environment.VAR_DIR)
    with (
        run_lock.lock_folder(environment.VAR_DIR),
        run_lock.listen_on(environment.PORT, environment.VAR_DIR) as listener,
    ):
        Supervisor(make(environment, listener.fileno())).run()


class _StopRequested(Exception):
    """SIGINT or SIGTERM came."""


class Supervisor:
    """Runs a plan until it is stopped, or until one of its processes fails for good."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.children: list[Child] = []
        self.ports = {"web": plan.settings.PORT}
        self._began = time.monotonic()

    def run(self) -> None:
        """Everything, in order; returns after a requested stop."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._request_stop)
        try:
            self._start_fakes(self.plan.fakes)
            logins = self._prepare()
            for program in self.plan.programs:
                self._start(program)
            self._wait_until_ready()
            say_ready(self.plan.settings, logins, time.monotonic() - self._began)
            self._watch()
        except _StopRequested:
            print_line("Stopping.")
        finally:
            self._stop()

    @staticmethod
    def _request_stop(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C does not interrupt stopping
        raise _StopRequested

    def _start(self, program: Program) -> Child:
        log = self.plan.var_dir / "log" / f"{program.name}.log"
        child = Child(program, self.plan.environ, log, self.plan.pause_seconds)
        self.children.append(child)
        child.start()
        self._write_run_file()
        return child

    def _start_fakes(self, fakes: list[FakeServer]) -> None:
        """Start all at once; then pass their ports to the processes that use them."""
        for fake in fakes:
            fake.ready.unlink(missing_ok=True)
            self._start(fake.program)
        for fake in fakes:
            while not fake.ready.exists():
                self._look_after_children()
                time.sleep(0.05)
            self._settle(fake, fake.ready.read_text().strip())
        self._write_run_file()

    def _settle(self, fake: FakeServer, port: str) -> None:
        # A restarted one must keep the port the others know.
        command = fake.program.command
        command[command.index("--port") + 1] = port
        self.ports[fake.program.name] = int(port)
        for name, value in fake.told.items():
            self.plan.environ[name] = value.format(port=port)

    def _prepare(self) -> list[dict[str, str]]:
        print_line("Migrating the database.")
        with subprocess.Popen(
            self.plan.prepare,
            cwd=ROOT,
            env=self.plan.environ,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=die_with(os.getpid()),
        ) as preparation:
            try:
                output, _ = preparation.communicate()
            finally:  # leaving the block waits for it, so a stop must end it first
                if preparation.poll() is None:
                    os.killpg(preparation.pid, signal.SIGKILL)
        if preparation.returncode:
            raise SystemExit(1)  # it has reported the reason
        logins: list[dict[str, str]] = json.loads(output.splitlines()[-1])["logins"]
        return logins

    def _wait_until_ready(self) -> None:
        *others, last = (program.name for program in self.plan.programs)
        print_line(f"Starting {', '.join(others)} and {last}.")
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not self._is_ready():
            self._look_after_children()
            if time.monotonic() > deadline:
                log = self.plan.var_dir / "log" / "web.log"
                raise SystemExit(f"The web process is not responding; see {log}.")
            time.sleep(_LOOK_EVERY_SECONDS)

    def _is_ready(self) -> bool:
        host = urlsplit(self.plan.settings.base_url).netloc
        request = urllib.request.Request(self.plan.health_url, headers={"Host": host})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _watch(self) -> None:
        errors = ErrorLines({child.name: child.log for child in self.children})
        while True:
            self._look_after_children()
            for line in errors.fresh():
                print_line(line)
            time.sleep(_LOOK_EVERY_SECONDS)

    def _look_after_children(self) -> None:
        for child in self.children:
            if child.has_just_died():
                print_line(f"{child.name} stopped: {last_lines(child.log, 1).strip()}")
                if child.is_hopeless:
                    print_line(last_lines(child.log))
                    raise SystemExit(f"{child.name} keeps stopping; see {child.log}.")
            elif child.start_if_due():
                print_line(f"{child.name} restarted.")
                self._write_run_file()

    def _write_run_file(self) -> None:
        base = self.plan.settings.base_url
        write_run_file(
            self.plan.var_dir / RUN_FILE,
            {
                "pid": os.getpid(),
                "pids": {child.name: child.pid for child in self.children},
                "ports": self.ports,
                "urls": {"dashboard": f"{base}/", "mcp": f"{base}/mcp"},
            },
        )

    def _stop(self) -> None:
        for child in self.children:
            child.stop(signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN_SECONDS
        for child in self.children:
            if not child.has_ended(deadline):
                child.stop(signal.SIGKILL)
        (self.plan.var_dir / RUN_FILE).unlink(missing_ok=True)
