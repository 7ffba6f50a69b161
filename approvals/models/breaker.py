from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from core.ids import PublicIdField


class Breaker(models.Model):
    """The state of a channel's circuit breaker: one row for each channel that had failures.

    `failures` in a row; until `open_until` nothing is begun through the channel.
    """

    id = PublicIdField("brk", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    channel_id = models.CharField(max_length=64)
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "channel_id"], name="breaker_once_per_channel"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.failures}"
