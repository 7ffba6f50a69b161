"""Long jobs as every surface shows them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from core.pagination import PageArguments, Pagination
from core.schemas import Answer, Arguments, Line
from jobs.models.job import JobStatus

JobId = Annotated[Line, Field(max_length=64, description="Id of the job, job_...")]
NEXT_POLL_SECONDS = 5


class GetJob(Arguments):
    job_id: JobId


class CancelJob(Arguments):
    job_id: JobId


class ListJobs(PageArguments):
    status: Annotated[JobStatus | None, Field(description="Only this status")] = None


class Progress(Answer):
    """The progress of a job; without `total` the amount is unknown."""

    done: int
    total: int | None = None
    message: str | None = None


class JobError(Answer):
    """Why a job failed: a code and a sentence."""

    code: str
    message: str


class JobOut(Answer):
    """A job. `next_poll_seconds` is set while polling makes sense."""

    job_id: str
    id: str = Field(serialization_alias="_id")
    kind: str
    title: str
    subject_id: str
    status: JobStatus
    progress: Progress
    result: dict[str, Any] | None = None
    error: JobError | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    next_poll_seconds: int | None = None


class JobAnswer(Answer):
    """One job."""

    job: JobOut


class JobPage(Answer):
    """A page of jobs, newest first."""

    jobs: list[JobOut]
    pagination: Pagination
