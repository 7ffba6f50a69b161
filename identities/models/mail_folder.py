from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from identities.models.mailbox import Mailbox


class MailFolder(models.Model):
    """How far a folder of a mailbox was read. `role` is inbox or sent.

    UIDs mean something only together with `uid_validity` (RFC 9051 2.3.1.1): a new one starts over.
    """

    id = PublicIdField("mfd", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="folders")
    role = models.CharField(max_length=8)
    uid_validity = models.PositiveBigIntegerField()
    last_uid = models.PositiveBigIntegerField(default=0)
    read_at = models.DateTimeField(null=True)

    objects = TenantQuerySet["MailFolder"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mailbox", "role"], name="folder_once_per_mailbox"),
            models.CheckConstraint(
                condition=models.Q(role__in=["inbox", "sent"]), name="folder_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.mailbox_id}"
