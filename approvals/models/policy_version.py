from typing import ClassVar

from django.db import models

from accounts.models import User, Workspace
from core.ids import PublicIdField


class PolicyVersion(models.Model):
    """A workspace's policy as it was from one change to the next; the highest number holds.

    Never updated: a change adds a row, so one of two concurrent changes wins, and the version
    stored in a pending action can always be looked up. `rules` are policy.schemas.Rule in their
    order.
    """

    id = PublicIdField("pol", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    rules = models.JSONField(default=list)
    mode = models.CharField(max_length=16, blank=True)
    just_me = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    cap_messages = models.PositiveIntegerField(default=3)
    cap_days = models.PositiveIntegerField(default=7)
    what = models.CharField(max_length=500)
    changed_by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "number"], name="policy_number_once_per_workspace"
            )
        ]

    def __str__(self) -> str:
        return f"Policy {self.number} of {self.workspace_id}"
