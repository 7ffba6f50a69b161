from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from crm.models.contact import Contact


class Visitor(models.Model):
    """A browser tied to a contact; `confirmed` once a server identified it (data-11)."""

    id = PublicIdField("vis", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="visitors")
    visitor_id = models.CharField(max_length=64)
    confirmed = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    objects = TenantQuerySet["Visitor"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "visitor_id"], name="visitor_once_per_workspace"
            )
        ]

    def __str__(self) -> str:
        return self.visitor_id


class ExternalId(models.Model):
    """The id another system has for a contact: one contact a system and id."""

    id = PublicIdField("ext", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="external_ids")
    system = models.CharField(max_length=32)
    external_id = models.CharField(max_length=255)
    created_at = models.DateTimeField()

    objects = TenantQuerySet["ExternalId"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "system", "external_id"], name="external_id_once_per_system"
            )
        ]

    def __str__(self) -> str:
        return f"{self.system}:{self.external_id}"
