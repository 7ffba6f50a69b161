from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from approvals.models.action import Action
from core.ids import PublicIdField


class Step(models.Model):
    """One line of an action's history, written with each transition."""

    id = PublicIdField("stp", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="steps")
    at = models.DateTimeField()
    who = models.CharField(max_length=300)
    what = models.CharField(max_length=40)
    status = models.CharField(max_length=20)
    status_detail = models.CharField(max_length=24, blank=True)
    fingerprint = models.CharField(max_length=32)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["action", "at"], name="step_by_action")]

    def __str__(self) -> str:
        return f"{self.what} {self.action_id}"
