"""How far a job is, for somebody who waits beside it: one row, read often."""

from dataclasses import dataclass

from core import clock
from core.db import unit
from jobs.models import Job
from jobs.models.job import JobStatus


@dataclass(frozen=True, slots=True)
class Standing:
    """A job's progress, in words of ours; `moves` while a worker has it or takes it next.

    One that waits, for a person or for a later moment, does not move.
    """

    done: int
    total: int | None
    message: str
    moves: bool


def standing_of(workspace_id: str, job_id: str) -> Standing | None:
    """The job as it is now, for a caller whom an answer told of it; None when it is gone."""
    with unit(write=False):
        job = Job.objects.filter(workspace_id=workspace_id, pk=job_id).first()
    if job is None:
        return None
    status = JobStatus(job.status)
    is_due = status.is_open and job.due_at <= clock.now()
    return Standing(
        done=job.done,
        total=job.total,
        message=job.message,
        moves=status is JobStatus.RUNNING or is_due,
    )
