from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from core.ids import PublicIdField


class ExternalRead(models.Model):
    """When an app's connection last received external text, and in which objects (security-8).

    Its drafts within the next hour are tainted.
    """

    id = PublicIdField("rdg", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    connection_id = models.CharField(max_length=64)
    at = models.DateTimeField()
    objects_read = models.JSONField(default=list)

    class Meta:
        db_table = "approvals_reading"  # the original name
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "connection_id"], name="one_reading_per_connection"
            )
        ]

    def __str__(self) -> str:
        return f"External text read by {self.connection_id}"
