from typing import ClassVar

from django.db import models

from accounts.models.user import User
from accounts.models.workspace import Workspace
from core.access import Role
from core.ids import PublicIdField

ROLE_CHOICES = [(role.value, role.value.capitalize()) for role in Role]


class Membership(models.Model):
    """A person's membership in a workspace. `is_active` ends it; rows stay for the record.

    `notice_place` is the channel for its notices (accounts.notification_channels); empty: by mail.
    """

    id = PublicIdField("mem", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=ROLE_CHOICES)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    notice_place = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "user"], name="membership_once_per_workspace"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]),
                name="membership_role_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace} as {self.role}"
