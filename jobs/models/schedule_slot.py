"""The clock's own table."""

from typing import ClassVar

from django.db import models


class ScheduleSlot(models.Model):
    """A scheduled task that fired: one row per task and slot, written by the first scheduler."""

    task = models.CharField(max_length=120)
    slot = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task", "slot"], name="task_fires_once_per_slot")
        ]

    def __str__(self) -> str:
        return f"{self.task} at {self.slot}"
