from typing import ClassVar

from django.db import models

from accounts.models.user import User
from accounts.models.workspace import Workspace
from core.ids import PublicIdField


class DoorNotice(models.Model):
    """Tells one admin that a door of the workspace was opened, until that admin has seen it."""

    id = PublicIdField("dnt", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=120, blank=True)
    opened_by = models.CharField(max_length=200)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "user", "seen_at"], name="door_notice_unseen")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()
