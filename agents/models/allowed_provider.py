from typing import ClassVar

from django.db import models

from accounts.models import User, Workspace
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet


class AllowedProvider(models.Model):
    """A model provider allowed by an admin: it receives the data agents read (external access)."""

    id = PublicIdField("mpp", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    provider = models.CharField(max_length=20)
    opened_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    objects = TenantQuerySet["AllowedProvider"].as_manager()

    class Meta:
        db_table = "agents_permit"  # the original name
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "provider"], name="one_permit_per_provider"
            )
        ]

    def __str__(self) -> str:
        return self.provider
