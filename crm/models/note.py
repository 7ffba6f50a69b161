from typing import ClassVar

from django.db import models

from accounts.models import User, Workspace
from core.ids import PublicIdField
from core.tenancy import DeletableQuerySet, TenantQuerySet
from crm.models.company import Company
from crm.models.contact import Contact


class Note(models.Model):
    """Free text on one contact or one company.

    `source` is who wrote the words: person, assistant, or external for text that came from outside.
    """

    id = PublicIdField("note", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="notes")
    company = models.ForeignKey(Company, null=True, on_delete=models.PROTECT, related_name="notes")
    content = models.TextField()
    source = models.CharField(max_length=16)
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(max_length=200)
    connection_id = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    objects = DeletableQuerySet["Note"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(contact=None, company__isnull=False)
                | models.Q(contact__isnull=False, company=None),
                name="note_is_on_a_contact_or_a_company",
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=["person", "assistant", "external"]),
                name="note_source_is_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "contact", "created_at"], name="note_by_contact"),
            models.Index(fields=["workspace", "company", "created_at"], name="note_by_company"),
        ]

    def __str__(self) -> str:
        return f"Note {self.pk}"


class NoteVersion(models.Model):
    """A note's text before an edit."""

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
