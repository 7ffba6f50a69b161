from typing import ClassVar

from django.db import models

from accounts.models.membership import ROLE_CHOICES
from accounts.models.user import User
from accounts.models.workspace import Workspace
from core.ids import PublicIdField


class Invitation(models.Model):
    """A link that lets one person join, or set a password, once. Only its hash is stored."""

    id = PublicIdField("inv", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=ROLE_CHOICES)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "created_at"], name="invitation_workspace_at")
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.workspace}"
