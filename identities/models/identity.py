from typing import ClassVar

from django.db import models

from accounts.models import User, Workspace
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet


class IdentityQuerySet(TenantQuerySet["Identity"]):
    def active(self) -> "IdentityQuerySet":
        """Senders that may send."""
        return self.filter(is_active=True)


class Identity(models.Model):
    """A sender: the person under whose name messages are sent.

    `version` grows with every change that recipients would see. The limits defer a
    send and never drop it: days and quiet hours are in the workspace's zone; quiet hours may cross
    midnight and need both ends. `minimum_gap_seconds` is between two sends.
    """

    id = PublicIdField("id", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    first_name = models.CharField(max_length=120)
    last_name = models.CharField(max_length=120, blank=True)
    job_title = models.CharField(max_length=120, blank=True)
    signature = models.TextField(blank=True)
    resend_address = models.EmailField(blank=True)
    email_daily_limit = models.PositiveIntegerField(default=50)
    linkedin_daily_limit = models.PositiveIntegerField(default=20)
    minimum_gap_seconds = models.PositiveIntegerField(default=0)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    quiet_weekends = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    objects = IdentityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "identities"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "created_at"], name="identity_workspace_created")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="identity_quiet_hours_have_both_ends",
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()
