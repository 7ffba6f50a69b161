from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet


class DirtyContact(models.Model):
    """A contact about whom something changed since segments were worked out (crm.membership).

    No foreign key: a mark outlives its contact by seconds at most, and writing one stays cheap.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    contact_id = PublicIdField("ct")

    objects = TenantQuerySet["DirtyContact"].as_manager()

    class Meta:
        db_table = "crm_contactmark"  # as it was called first
        indexes: ClassVar = [
            models.Index(fields=["workspace", "id", "contact_id"], name="contact_mark_in_order")
        ]

    def __str__(self) -> str:
        return str(self.contact_id)
