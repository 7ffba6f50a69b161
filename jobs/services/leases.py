"""A worker's turn at a job: claim, renew and release. All by compare-and-set."""

import secrets
from datetime import datetime
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When

from core import clock
from core.actor import Actor
from core.db import unit
from core.errors import AppError
from core.operations import paused
from jobs.job_context import Done, Ended, Later, LeaseLost, Outcome, Running
from jobs.lease_times import LAST_CRASH, LEASE, TRY_AGAIN, WAKE_AGAIN
from jobs.models import Job
from jobs.models.job import MESSAGE_LENGTH, JobStatus

GIVEN_UP = {"code": "unavailable", "message": "Its worker stopped before it finished, each time."}
_BATCH = 100


def due(now: datetime) -> QuerySet[Job]:
    """Claimable open jobs that no worker was notified of recently, oldest first."""
    silent = Q(woken_at=None) | Q(woken_at__lte=now - WAKE_AGAIN)
    rows = Job.objects.ready(now).filter(silent)
    stopped = [
        workspace_id
        for workspace_id in rows.order_by().values_list("workspace_id", flat=True).distinct()
        if is_stopped(str(workspace_id))
    ]
    return rows.exclude(workspace_id__in=stopped).order_by("due_at", "id")[:_BATCH]


def is_stopped(workspace_id: str) -> bool:
    """Whether the workspace is stopped now (approvals-13)."""
    return bool(paused(Actor.for_job("jobs", workspace_id)))


def note_woken(job: Job) -> bool:
    """Whether the caller may notify a worker; only one of several concurrent callers may."""
    seen = Job.objects.filter(pk=job.pk, status=job.status, woken_at=job.woken_at)
    return seen.update(woken_at=clock.now()) == 1


def claim(job_id: str) -> Running | None:
    """Claim a job for this worker; None when it is not due, ended, claimed, or stopped.

    A job whose worker died is claimed again; the third time it fails instead.
    """
    now = clock.now()
    job = Job.objects.ready(now).filter(pk=job_id).first()
    if job is None or is_stopped(str(job.workspace_id)):
        return None
    crashed = job.status == JobStatus.RUNNING
    if crashed and job.crashes + 1 >= LAST_CRASH:
        _end(_as_seen(job), JobStatus.FAILED, error=GIVEN_UP, crashes=LAST_CRASH)
        return None
    mine = secrets.token_hex(16)
    with unit():
        taken = _as_seen(job).update(
            status=JobStatus.RUNNING,
            claim=mine,
            lease_until=clock.now() + LEASE,
            started_at=job.started_at or now,
            crashes=F("crashes") + int(crashed),
        )
    return _running(job, mine) if taken else None


def extend(running: Running) -> bool:
    """Extend the lease; false when the job is no longer this worker's."""
    return _of(running).update(lease_until=clock.now() + LEASE) == 1


def finish(running: Running, outcome: Outcome) -> None:
    """Record the result of the turn; raises Lost when the job is no longer this worker's."""
    if isinstance(outcome, Later):
        _wait(running, outcome.at, message=outcome.message, crashes=0)
    elif isinstance(outcome, Done):
        said = {} if outcome.message is None else {"message": outcome.message[:MESSAGE_LENGTH]}
        _settled(_end(_of(running), JobStatus.COMPLETED, result=outcome.result, **said))
    else:
        error = {"code": outcome.code, "message": outcome.message}
        _settled(_end(_of(running), JobStatus.FAILED, error=error))


def refuse(running: Running, error: AppError) -> None:
    """End a turn with an error; a retryable one is tried again a few times. Raises Lost."""
    tries = _of(running).values_list("crashes", flat=True).first()
    if error.retryable and tries is not None and tries + 1 < LAST_CRASH:
        _wait(running, clock.now() + TRY_AGAIN, crashes=tries + 1)
    else:
        finish(running, Ended(error.code, error.message))


def _wait(running: Running, at: datetime, message: str | None = None, **changes: Any) -> None:
    """Wait until `at`, or run again at once if it was woken during the turn."""
    if message is not None:
        changes["message"] = message[:MESSAGE_LENGTH]
    with unit():
        _settled(
            _of(running).update(
                status=JobStatus.WAITING,
                claim="",
                lease_until=None,
                due_at=Case(When(due_at=running.due_at, then=Value(at)), default=F("due_at")),
                woken_at=None,
                **changes,
            )
        )


def _end(rows: QuerySet[Job], status: JobStatus, **changes: Any) -> int:
    with unit():
        return rows.update(
            status=status, claim="", lease_until=None, finished_at=clock.now(), **changes
        )


def _settled(changed: int) -> None:
    if changed != 1:
        raise LeaseLost


def _of(running: Running) -> QuerySet[Job]:
    """The job while it is this worker's."""
    return Job.objects.filter(pk=running.id, status=JobStatus.RUNNING, claim=running.claim)


def _as_seen(job: Job) -> QuerySet[Job]:
    """The job, if it was not changed since."""
    return Job.objects.filter(
        pk=job.pk, status=job.status, claim=job.claim, lease_until=job.lease_until
    )


def _running(job: Job, claim: str) -> Running:
    return Running(
        id=str(job.pk),
        workspace_id=str(job.workspace_id),
        owner_id=str(job.owner_id) if job.owner_id else None,
        kind=job.kind,
        subject=job.subject,
        payload=job.payload,
        claim=claim,
        due_at=job.due_at,
    )
