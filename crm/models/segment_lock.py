from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from core.tenancy import TenantQuerySet


class SegmentLock(models.Model):
    """Which run brings a workspace's segments up to date, and until when it counts as alive."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    holder = models.CharField(max_length=32)
    until = models.DateTimeField()

    objects = TenantQuerySet["SegmentLock"].as_manager()

    class Meta:
        db_table = "crm_segmentturn"  # as it was called first
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace"], name="one_segment_turn_per_workspace")
        ]

    def __str__(self) -> str:
        return f"{self.holder} until {self.until:%H:%M:%S}"
