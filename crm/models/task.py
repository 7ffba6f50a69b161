from typing import ClassVar, Self

from django.db import models

from accounts.models import User, Workspace
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from crm.models.company import Company
from crm.models.contact import Contact


class TaskQuerySet(TenantQuerySet["Task"]):
    def present(self) -> Self:
        """Tasks that were not withdrawn and whose contact is not deleted."""
        return self.filter(deleted_at=None, contact__deleted_at=None)


class Task(models.Model):
    """Something a person should do, about a contact or a company.

    `source` says who wrote it (person, assistant or external); `version` grows with every change.
    """

    id = PublicIdField("task", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="tasks")
    company = models.ForeignKey(Company, null=True, on_delete=models.PROTECT, related_name="tasks")
    title = models.CharField(max_length=300)
    details = models.TextField(blank=True)
    source = models.CharField(max_length=16)
    assignee = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    deleted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = TaskQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "done_at", "due_at"], name="task_open_by_due")
        ]

    def __str__(self) -> str:
        return self.title
