from typing import ClassVar

from django.db import models

from accounts.models import User, Workspace
from core.ids import PublicIdField


class RedirectHostPermission(models.Model):
    """An admin's permission, for a workspace, of a redirect host outside OAUTH_REDIRECT_HOSTS."""

    id = PublicIdField("rh", primary_key=True)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.PROTECT, related_name="redirect_hosts"
    )
    host = models.CharField(max_length=255)
    allowed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "host"], name="redirect_host_once_per_workspace"
            )
        ]

    def __str__(self) -> str:
        return f"{self.host} in {self.workspace}"
