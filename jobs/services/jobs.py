"""Making and cancelling jobs."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from core import audit, clock
from core.actor import Actor
from core.errors import Conflict
from core.operations import Effect, operation
from jobs.models import Job
from jobs.models.job import MESSAGE_LENGTH, OPEN, JobStatus
from jobs.queries.jobs import job_out
from jobs.schemas.jobs import CancelJob, JobAnswer


def create(
    actor: Actor,
    kind: str,
    subject: str,
    *,
    payload: dict[str, Any],
    message: str,
    total: int | None = None,
    due_at: datetime | None = None,
) -> Job:
    """Queue a job of the actor, inside the transaction of the change it belongs to.

    No worker is notified here: requests never use the broker (jobs.poller). Raises Conflict with
    `job_id` while another job of this kind is open for the subject.
    """
    now = clock.now()
    job = Job(
        workspace_id=actor.workspace_id,
        owner_id=actor.user_id,
        kind=kind,
        subject=subject,
        payload=payload,
        message=message[:MESSAGE_LENGTH],
        total=total,
        due_at=due_at or now,
        created_at=now,
    )
    _add(job)
    audit.record(actor, "jobs.job.start", object_ids=_ids(job))
    return job


def _add(job: Job) -> None:
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        same = Job.objects.filter(workspace_id=job.workspace_id, kind=job.kind, subject=job.subject)
        open_one = same.open().values_list("pk", flat=True).first()
        if open_one is None:  # it was something else, or the other one has just ended
            raise
        raise Conflict(
            "This is already running.",
            hint="Follow that job, or cancel it first.",
            job_id=str(open_one),
        ) from None


def wake_job(workspace_id: str, job_id: str, *, message: str | None = None) -> None:
    """Lock an open job for the caller's transaction, and make it due at once.

    For input between its turns, such as a typed code or a clicked button. A turn under way is
    followed by another one. Raises Conflict when the job has ended.
    """
    said = {} if message is None else {"message": message[:MESSAGE_LENGTH]}
    rows = Job.objects.filter(workspace_id=workspace_id, pk=job_id, status__in=OPEN)
    if rows.update(due_at=clock.now(), woken_at=None, **said) != 1:
        raise Conflict("This has already ended.", hint="Start it again.", job_id=job_id)


@operation("jobs.job.cancel", schema=CancelJob, scope=(), effect=Effect.DECIDE, while_stopped=True)
def cancel_job(actor: Actor, data: CancelJob) -> JobAnswer:
    """End a job at once: further writes by its worker are refused.

    Raises Conflict when it has ended; cancelling a cancelled one again gives the same answer.
    """
    rows = Job.objects.visible_to(actor)
    now = clock.now()
    changed = rows.filter(pk=data.job_id, status__in=OPEN).update(
        status=JobStatus.CANCELLED,
        claim="",
        lease_until=None,
        finished_at=now,
        message="Cancelled.",
    )
    job = rows.one(data.job_id, "job")
    if changed:
        audit.record(actor, "jobs.job.cancel", object_ids=_ids(job))
    elif job.status != JobStatus.CANCELLED:
        raise Conflict(
            f"This job is already {job.status}.",
            hint="There is nothing left to cancel.",
            status=job.status,
        )
    return JobAnswer(job=job_out(job))


def _ids(job: Job) -> dict[str, str]:
    return {"job_id": str(job.pk), "subject_id": job.subject}
