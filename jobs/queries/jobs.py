from core.access import Role
from core.actor import Actor
from core.operations import Effect, operation
from core.pagination import page_of
from jobs.models import Job
from jobs.models.job import JobStatus
from jobs.runners import title_of
from jobs.schemas.jobs import (
    NEXT_POLL_SECONDS,
    GetJob,
    JobAnswer,
    JobError,
    JobOut,
    JobPage,
    ListJobs,
    Progress,
)


@operation("jobs.job.get", schema=GetJob, scope=(), effect=Effect.READ, propose_role=Role.VIEWER)
def get_job(actor: Actor, data: GetJob) -> JobAnswer:
    """One job: status, progress and result."""
    return JobAnswer(job=job_out(Job.objects.visible_to(actor).one(data.job_id, "job")))


@operation("jobs.job.list", schema=ListJobs, scope=(), effect=Effect.READ, propose_role=Role.VIEWER)
def list_jobs(actor: Actor, data: ListJobs) -> JobPage:
    """One's own jobs, for admins all jobs; newest first."""
    rows = Job.objects.visible_to(actor)
    if data.status is not None:
        rows = rows.filter(status=data.status)
    found, pagination = page_of(rows.order_by("-created_at", "-id"), data)
    return JobPage(jobs=[job_out(row) for row in found], pagination=pagination)


def job_out(job: Job) -> JobOut:
    """A row in the APIs' format."""
    status = JobStatus(job.status)
    return JobOut(
        job_id=str(job.pk),
        id=str(job.pk),
        kind=job.kind,
        title=title_of(job.kind),
        subject_id=job.subject,
        status=status,
        progress=Progress(done=job.done, total=job.total, message=job.message or None),
        result=job.result,
        error=JobError(**job.error) if job.error else None,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        next_poll_seconds=NEXT_POLL_SECONDS if status.is_open else None,
    )
