from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from approvals.models.action import Action
from core.ids import PublicIdField


class Attempt(models.Model):
    """One call to the outside, written and committed before it is made.

    An attempt that began and never ended is an unknown outcome: a person settles it, nothing is
    re-sent.
    """

    id = PublicIdField("att", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="tries")
    number = models.PositiveIntegerField()
    worker = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=32)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=24, blank=True)
    receipt = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["action", "number"], name="attempt_once_per_number")
        ]

    def __str__(self) -> str:
        return f"Attempt {self.number} of {self.action_id}"
