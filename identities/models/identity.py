from typing import ClassVar

from django.db import models

from accounts.models import User, Workspace
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet


class IdentityQuerySet(TenantQuerySet["Identity"]):
    """Senders."""

    def active(self) -> "IdentityQuerySet":
        """Those that may send."""
        return self.filter(is_active=True)


class Identity(models.Model):
    """A sender: a person of the workspace in whose name messages go out.

    `version` grows whenever what a recipient would see of the sender changes.
    """

    id = PublicIdField("id", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    first_name = models.CharField(max_length=120)
    last_name = models.CharField(max_length=120, blank=True)
    job_title = models.CharField(max_length=120, blank=True)
    signature = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    objects = IdentityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "identities"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "created_at"], name="identity_workspace_created")
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()
