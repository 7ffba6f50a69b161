"""The progress of a job, for a waiting caller: one row, read often."""

from dataclasses import dataclass

from core import clock
from core.db import unit
from jobs.models import Job
from jobs.models.job import JobStatus


@dataclass(frozen=True, slots=True)
class Standing:
    """A job's progress, in our words; `moves` while a worker has it or will claim it next.

    A job that waits, for a person or a later moment, does not move.
    """

    done: int
    total: int | None
    message: str
    moves: bool


def standing_of(workspace_id: str, job_id: str) -> Standing | None:
    """The current job, for a caller who has its id from an answer; None when it is deleted."""
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
