from typing import ClassVar

from django.db import models

from accounts.models import User, Workspace
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from crm.models.note import Note


class NoteVersion(models.Model):
    """What a note said before an edit."""

    id = PublicIdField("nver", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    content = models.TextField()
    source = models.CharField(max_length=16)
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(max_length=200)
    connection_id = models.CharField(max_length=64, blank=True)
    replaced_at = models.DateTimeField()

    objects = TenantQuerySet["NoteVersion"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["note", "version"], name="note_version_once")
        ]

    def __str__(self) -> str:
        return f"Version {self.version} of {self.note_id}"
