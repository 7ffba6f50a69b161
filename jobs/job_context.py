"""A claimed job for its runner, and the ways a runner ends its turn."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from core import clock
from core.db import unit
from jobs.lease_times import LEASE
from jobs.models import Job
from jobs.models.job import MESSAGE_LENGTH, JobStatus


class LeaseLost(Exception):
    """The job is no longer this worker's: cancelled, or claimed by another. Stop at once."""


@dataclass(frozen=True, slots=True)
class Done:
    """It is completed; `result` is public JSON. Without a message the last one stays."""

    result: dict[str, Any]
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """Call the runner again at `at`. Without a message the last one stays."""

    at: datetime
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """It failed, for a reason the runner can state in our words."""

    code: str
    message: str


Outcome = Done | Later | Ended


@dataclass(frozen=True, slots=True)
class Running:
    """A claimed job. `claim` identifies this turn: a worker with another value has lost the job.

    `due_at` is the time it was claimed for; waking the job moves it on.
    """

    id: str
    workspace_id: str
    owner_id: str | None
    kind: str
    subject: str
    payload: dict[str, Any]
    claim: str
    due_at: datetime

    def hold(self) -> None:
        """Lock the job for the caller's transaction; raises Lost unless it is still this worker's.

        Call it first in the transaction of every effect, so that a cancelled or taken-over job
        changes nothing more.
        """
        if not connection.in_atomic_block:
            raise RuntimeError("hold() guards the transaction it is called in")
        self._keep()

    def progress(
        self, *, done: int | None = None, total: int | None = None, message: str | None = None
    ) -> None:
        """Report progress; omitted values stay. Raises Lost."""
        given = {
            "done": done,
            "total": total,
            "message": None if message is None else message[:MESSAGE_LENGTH],
        }
        with unit():
            self._keep(**{name: value for name, value in given.items() if value is not None})

    def _keep(self, **changes: Any) -> None:
        """An UPDATE, which locks the row on both engines and renews the lease."""
        held = Job.objects.filter(pk=self.id, status=JobStatus.RUNNING, claim=self.claim)
        if held.update(lease_until=clock.now() + LEASE, **changes) != 1:
            raise LeaseLost(self.id)
