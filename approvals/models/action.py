from datetime import datetime
from typing import ClassVar, Self

from django.db import models

from accounts.models import User, Workspace
from approvals.vocabulary import HELD, Status
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from crm.models import Company, Contact
from identities.models import Identity


class ActionQuerySet(TenantQuerySet["Action"]):
    def pending(self) -> Self:
        """Those that wait for a person."""
        return self.filter(status=Status.PENDING)

    def due(self, moment: datetime) -> Self:
        """Due actions that no worker holds."""
        return self.filter(status__in=HELD, runs_at__lte=moment)


class Action(models.Model):
    """A proposed change or message with its status and results. Changed only by transitions.

    `rendered` is exactly what is sent (null for internal types); `fingerprint` covers it and is
    what a person approves; `drafted_on` has the versions and shown values of records read at
    drafting; `grant_role` is the requester's role ceiling.
    """

    id = PublicIdField("act", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    type = models.CharField(max_length=40)
    params = models.JSONField()
    status = models.CharField(max_length=20)
    status_detail = models.CharField(max_length=24, blank=True)
    version = models.PositiveIntegerField(default=1)

    rendered = models.JSONField(null=True)
    fingerprint = models.CharField(max_length=32)
    drafted_on = models.JSONField(default=dict)
    evidence = models.JSONField(default=list)
    red_reasons = models.JSONField(default=list)
    description = models.TextField(blank=True)
    edit_before = models.JSONField(null=True)

    identity = models.ForeignKey(Identity, null=True, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.PROTECT, related_name="actions"
    )
    company = models.ForeignKey(Company, null=True, on_delete=models.PROTECT, related_name="+")
    agent_id = PublicIdField("ag", null=True)
    run_id = PublicIdField("run", null=True)
    replaces = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    assigned_to = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    # Null is "no lane"; only real lanes are unique.
    lane = models.CharField(max_length=64, null=True)  # noqa: DJ001

    scheduled_time = models.DateTimeField(null=True)
    runs_at = models.DateTimeField(null=True)
    undo_until = models.DateTimeField(null=True)
    send_by = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    requested_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    requester_kind = models.CharField(max_length=16)
    requester_name = models.CharField(max_length=200)
    surface = models.CharField(max_length=16)
    client = models.JSONField(null=True)
    grant_role = models.CharField(max_length=16)
    policy = models.JSONField(default=dict)

    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.JSONField(null=True)

    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    receipt = models.JSONField(null=True)
    result = models.JSONField(null=True)
    inverse = models.JSONField(null=True)
    previous = models.JSONField(null=True)
    undone_at = models.DateTimeField(null=True)

    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ActionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "lane"], name="one_open_send_per_lane"),
            models.CheckConstraint(
                condition=models.Q(status__in=[status.value for status in Status]),
                name="action_status_is_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "status", "created_at"], name="action_by_status"),
            models.Index(fields=["workspace", "contact", "created_at"], name="action_by_contact"),
            models.Index(fields=["status", "runs_at"], name="action_due"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"
