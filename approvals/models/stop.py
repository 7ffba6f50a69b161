from typing import ClassVar

from django.db import models

from accounts.models import User, Workspace
from core.ids import PublicIdField

EVERYTHING = "everything"


class Stop(models.Model):
    """A stop by the kill switch: while `resumed_at` is empty, nothing there begins (approvals-13).

    `place` is a workspace's id, or EVERYTHING when the operator stopped the installation; then
    `workspace` is null. Rows stay for the record.
    """

    id = PublicIdField("stop", primary_key=True)
    place = models.CharField(max_length=64)
    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    stopped_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    stopped_by_name = models.CharField(max_length=200)
    stopped_at = models.DateTimeField()
    resumed_by_name = models.CharField(max_length=200, blank=True)
    resumed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["place"],
                condition=models.Q(resumed_at=None),
                name="one_open_stop_per_place",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["place", "stopped_at"], name="stop_by_place")]

    def __str__(self) -> str:
        return f"Stop of {self.place} by {self.stopped_by_name}"
