from typing import Any, ClassVar, Self

from django.db import models

from accounts.models import User, Workspace
from agents.models.agent import Agent
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from jobs.models import Job
from jobs.models.job import OPEN


class RunQuerySet(TenantQuerySet["Run"]):
    def open(self) -> Self:
        return self.filter(job__status__in=OPEN)


class Run(models.Model):
    """One execution of an agent over its contacts.

    Status, progress, error and times are those of its job, of which an agent has one open at a
    time. `slot` is its moment of the schedule; null if it was triggered. A `rehearsal` (trial run)
    only shows what it would propose. `setup` is a copy of the agent's settings at creation.
    `targeted_at`: when its contacts were chosen. Money is in micro-USD.
    """

    id = PublicIdField("run", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="runs")
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_by_name = models.CharField(max_length=200, blank=True)
    requester_kind = models.CharField(max_length=16)
    slot = models.DateTimeField(null=True)
    rehearsal = models.BooleanField(default=False)
    setup: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    summary = models.CharField(max_length=500, blank=True)
    input_tokens = models.PositiveBigIntegerField(default=0)
    output_tokens = models.PositiveBigIntegerField(default=0)
    micro_usd = models.PositiveBigIntegerField(default=0)
    targeted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "agent", "slot"], name="one_run_per_agent_and_slot"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "agent", "created_at"], name="run_by_agent"),
            models.Index(fields=["workspace", "created_at"], name="run_by_workspace"),
        ]

    def __str__(self) -> str:
        return f"Run {self.pk}"
