from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.models import User, Workspace
from core.access import Role
from core.actor import Actor
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet

MESSAGE_LENGTH = 300


class JobStatus(StrEnum):
    """The status of a job (protocol-15)."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether the job has not ended."""
        return self in OPEN


OPEN = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.WAITING)
STATUS_CHOICES = [(status.value, status.value.title()) for status in JobStatus]


class JobQuerySet(TenantQuerySet["Job"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own jobs; for admins and the system, all of the workspace."""
        rows = super().visible_to(actor)
        return rows if actor.has_role(Role.ADMIN) else rows.filter(owner_id=actor.user_id)

    def open(self) -> Self:
        return self.filter(status__in=OPEN)

    def ready(self, moment: datetime) -> Self:
        """Jobs a worker may claim: due, or their worker died."""
        held = Q(status=JobStatus.RUNNING, lease_until__lte=moment)
        return self.filter(
            Q(status__in=(JobStatus.QUEUED, JobStatus.WAITING), due_at__lte=moment) | held
        )


class Job(models.Model):
    """A long operation: its subject, progress and result.

    1. `queued` when it is created, in the transaction of the change it belongs to; claimed at
       `due_at`.
    2. `running` while a worker holds `claim`; the worker's heartbeat extends `lease_until`. After
       the lease it is claimed again, which `crashes` counts.
    3. `waiting` when the runner asked to be called again at `due_at`.
    4. `completed` with a `result`, `failed` with an `error` {code, message}, or `cancelled`.

    `kind` is a registered runner's name (jobs.runners), `subject` the public id of its object.
    `payload` holds ids and small settings, never a secret. `done` of `total` is the progress;
    without `total` it is unknown. `message` is ours. `woken_at` is when a worker was last notified.
    """

    id = PublicIdField("job", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=64)
    payload: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    status = models.CharField(max_length=16, choices=STATUS_CHOICES, default="queued")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    message = models.CharField(max_length=MESSAGE_LENGTH, blank=True)
    result: "models.JSONField[Any, Any]" = models.JSONField(null=True)
    error: "models.JSONField[Any, Any]" = models.JSONField(null=True)
    claim = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    woken_at = models.DateTimeField(null=True)
    crashes = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "created_at"], name="job_workspace_created"),
            models.Index(fields=["status", "due_at"], name="job_due"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "kind", "subject"],
                condition=Q(status__in=["queued", "running", "waiting"]),
                name="job_open_once_per_subject",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[code for code, _ in STATUS_CHOICES]),
                name="job_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status="running", lease_until__isnull=False, claim__gt="")
                | (~Q(status="running") & Q(claim="", lease_until__isnull=True)),
                name="job_is_claimed_while_it_runs",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "waiting"], finished_at__isnull=True)
                | Q(status__in=["completed", "failed", "cancelled"], finished_at__isnull=False),
                name="job_has_an_end_once_it_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject}"
