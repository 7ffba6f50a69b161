from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from identities.models.identity import Identity


class SendCount(models.Model):
    """One sender's messages of a type on one day of the workspace's zone, and the last time.

    `what` is the action type, e.g. email_message or linkedin_connection.
    """

    id = PublicIdField("cnt", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=40)
    day = models.DateField()
    number = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    objects = TenantQuerySet["SendCount"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "identity", "what", "day"], name="send_count_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.what} on {self.day}"
