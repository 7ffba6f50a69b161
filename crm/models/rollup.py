from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet


class Rollup(models.Model):
    """How many events of one name fell into one quarter of an hour (data-6).

    `dirty` buckets are counted from rows until they are worked out again.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    bucket = models.DateTimeField()
    event = models.CharField(max_length=64)
    is_bot = models.BooleanField()
    count = models.PositiveIntegerField()

    objects = TenantQuerySet["Rollup"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "bucket", "event", "is_bot"], name="rollup_once_per_bucket"
            )
        ]
        indexes: ClassVar = [
            # A covering index for sums by name, ordered by name.
            models.Index(
                fields=["workspace", "is_bot", "event", "bucket", "count"], name="rollup_by_event"
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.bucket:%Y-%m-%d %H:%M}"


class DirtyBucket(models.Model):
    """A quarter hour whose rollup is outdated; `marks` grows with each late event."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    bucket = models.DateTimeField()
    marks = models.PositiveIntegerField(default=1)

    objects = TenantQuerySet["DirtyBucket"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "bucket"], name="dirty_bucket_once_per_workspace"
            )
        ]

    def __str__(self) -> str:
        return f"{self.bucket:%Y-%m-%d %H:%M}"


class EventKey(models.Model):
    """A client's key of an event, kept 35 days so that a repeated event is not stored twice."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=32)
    source_key = models.CharField(max_length=255)
    event_id = PublicIdField("evt")
    created_at = models.DateTimeField(db_index=True)

    objects = TenantQuerySet["EventKey"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "source", "source_key"], name="event_key_once_per_source"
            )
        ]

    def __str__(self) -> str:
        return self.source_key
