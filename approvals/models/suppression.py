from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from accounts.models import Workspace
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet

REASONS = [
    ("unsubscribed", "Unsubscribed"),
    ("bounced", "Bounced"),
    ("complained", "Complained"),
    ("by_hand", "Added by a person"),
]


class SuppressionQuerySet(TenantQuerySet["Suppression"]):
    """Addresses nothing is sent to."""

    def holding(self) -> "SuppressionQuerySet":
        return self.filter(lifted_at=None)


class Suppression(models.Model):
    """An address of a workspace that nothing is sent to (inbound-5).

    It belongs to the address, not to a contact, so deleting and recreating the contact changes
    nothing. Rows stay for the record.
    """

    id = PublicIdField("sup", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    address = models.EmailField()
    reason = models.CharField(max_length=16, choices=REASONS)
    note = models.CharField(max_length=300, blank=True)
    added_by_name = models.CharField(max_length=200)
    added_at = models.DateTimeField()
    lifted_by_name = models.CharField(max_length=200, blank=True)
    lifted_because = models.CharField(max_length=300, blank=True)
    lifted_at = models.DateTimeField(null=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "address"],
                condition=models.Q(lifted_at=None),
                name="suppressed_once_per_address",
            ),
            models.CheckConstraint(
                condition=models.Q(address=Lower("address")),
                name="suppressed_address_is_lower_case",
            ),
            models.CheckConstraint(
                condition=models.Q(reason__in=[code for code, _ in REASONS]),
                name="suppression_reason_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address} ({self.reason})"
