"""The faults and their times: steps triggered by the number of messages delivered so far."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.chaos.outside import Installation
from tests.mail import wait_until

POLL_SECONDS = 0.05
LEASE_SECONDS = 60

Incident = Callable[["Storm"], None]


@dataclass
class Storm:
    """The workers, and the faults injected.

    `hurry`: leases of dead or frozen workers are backdated in the database instead of waiting for
    their end; so are the waits between two attempts.
    """

    place: Installation
    hurry: bool
    commands: list[list[str]]
    choose: random.Random
    workers: dict[int, list[str]] = field(default_factory=dict)
    frozen: dict[int, float] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)
    later: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)

    def begin(self) -> None:
        """Start the workers."""
        for command in self.commands:
            self._start(command)

    def rage(self, steps: list[Incident], actions: int, seconds: float) -> None:
        """Do the steps, evenly over the first nine tenths of the messages, until all has ended."""
        ends = time.monotonic() + seconds
        apart = actions * 0.9 / (len(steps) + 1)
        plan = [(int(apart * (number + 1)), step) for number, step in enumerate(steps)]
        while plan or self.later or self.frozen or not self._is_over():
            assert time.monotonic() < ends, self._where(len(plan))
            if plan and self.place.sent() >= plan[0][0]:
                plan.pop(0)[1](self)
            self._do_what_is_due()
            time.sleep(POLL_SECONDS)

    def kill(self) -> None:
        """SIGKILL to one of them, half the time one that holds an action; another takes over."""
        pid = self._one(aimed=self.choose.random() < 0.5)
        command = self.workers.pop(pid)
        os.kill(pid, signal.SIGKILL)
        self.gone.append(pid)
        self.count("workers killed")
        self._start(command)

    def freeze(self) -> None:
        """SIGSTOP to one that holds an action, until its lease is over and its action settled."""
        wait_until(self._froze, "a worker is frozen in its call", 60)
        self.count("workers frozen")

    def count(self, what: str) -> None:
        """Keep the tally."""
        self.done[what] = self.done.get(what, 0) + 1

    def after(self, seconds: float, step: Callable[[], None]) -> None:
        """Undo something later."""
        self.later.append((time.monotonic() + seconds, step))

    def _start(self, command: list[str]) -> None:
        begin = self.place.begin
        pid = begin("exec", command=command) if command else begin("dispatch")
        self.workers[pid] = command

    def _one(self, *, aimed: bool) -> int:
        busy = self._awake(self.place.busy()) if aimed else []
        return self.choose.choice(busy or self._awake(self.workers))

    def _froze(self) -> bool:
        """Whether one could be frozen in its call.

        Never in a transaction, which on SQLite would block every writer.
        """
        for pid in self._awake(self.place.calling())[:1]:
            os.kill(pid, signal.SIGSTOP)
            if pid in self.place.calling() and self.place.is_writable():
                self.frozen[pid] = time.monotonic()
                return True
            os.kill(pid, signal.SIGCONT)
        return False

    def _awake(self, pids: Iterable[int]) -> list[int]:
        return [pid for pid in pids if pid in self.workers and pid not in self.frozen]

    def _do_what_is_due(self) -> None:
        moment = time.monotonic()
        for entry in [entry for entry in self.later if entry[0] <= moment]:
            self.later.remove(entry)
            entry[1]()
        for pid in list(self.workers):
            if not _is_alive(pid):  # a worker that ended by itself is a failure, and replaced
                self.count("workers that ended by themselves")
                self._start(self.workers.pop(pid))
        if self.hurry:
            self._make_older()
        self._thaw(moment)

    def _thaw(self, moment: float) -> None:
        busy = self.place.busy() if self.frozen else []
        for pid, since in list(self.frozen.items()):
            is_settled = pid not in busy
            if is_settled and (self.hurry or moment > since + LEASE_SECONDS):
                del self.frozen[pid]
                os.kill(pid, signal.SIGCONT)

    def _make_older(self) -> None:
        past = f"{datetime.now(UTC) - timedelta(seconds=1):%Y-%m-%d %H:%M:%S.%f}"
        for pid in [*self.gone, *self.frozen]:
            self.place.rows(
                "UPDATE approvals_action SET lease_until = ?"
                " WHERE status = 'running' AND lease_owner LIKE ?",
                past,
                f"%:{pid}:%",
            )
        self.place.rows(
            "UPDATE approvals_action SET runs_at = ?"
            " WHERE status_detail = 'waiting_provider' AND runs_at > ?",
            past,
            past,
        )

    def _is_over(self) -> bool:
        return any(line["what"] == "ended" for line in self.place.diary()) and not self.place.left()

    def _where(self, waiting: int) -> str:
        log = (self.place.folder / "log").read_text()[-1500:]
        left, sent = self.place.left(), self.place.sent()
        return f"{left} left, {sent} sent, {waiting} steps to do, {self.done}; log:\n{log}"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
