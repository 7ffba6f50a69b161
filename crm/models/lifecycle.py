from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from crm.models.contact import Contact


class StageChange(models.Model):
    """One step of a contact's lifecycle: from which stage to which, when, by whom, why."""

    id = PublicIdField("stg", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="stage_changes")
    before = models.CharField(max_length=32, blank=True)
    after = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True)

    objects = TenantQuerySet["StageChange"].as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "contact", "at"], name="stage_change_by_contact")
        ]

    def __str__(self) -> str:
        return f"{self.before} to {self.after}"
