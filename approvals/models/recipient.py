from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from approvals.models.action import Action
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from crm.models import Contact


class Recipient(models.Model):
    """One address an action goes to, resolved once at drafting and at each edit."""

    id = PublicIdField("rcp", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="recipients")
    kind = models.CharField(max_length=3)
    address = models.EmailField()
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="+")

    objects = TenantQuerySet["Recipient"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["action", "address"], name="recipient_once_per_action"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["to", "cc", "bcc"]), name="recipient_kind_is_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "address"], name="recipient_by_address")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.address}"
