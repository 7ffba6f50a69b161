from typing import ClassVar

from django.db import models

from accounts.models.membership import ROLE_CHOICES
from accounts.models.user import User
from accounts.models.workspace import Workspace
from core.ids import PublicIdField


class ApiKey(models.Model):
    """A key for REST: shown once, kept as a hash, with scopes and a role of its own (access-10).

    It acts for the member who made it and ends with their membership. Rotation makes a second row
    with the same `family`; both work until the older one is revoked.
    """

    id = PublicIdField("key", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="api_keys")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=120)
    key_id = models.CharField(max_length=8)
    digest = models.CharField(max_length=64, unique=True)
    family = PublicIdField("key")
    scope = models.TextField()
    role = models.CharField(max_length=16, choices=ROLE_CHOICES)
    rate_limit = models.CharField(max_length=16, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "created_at"], name="api_key_workspace_created")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.key_id})"
