from typing import ClassVar

from django.db import models

from accounts.models import User, Workspace
from core.ids import PublicIdField
from core.tenancy import DeletableQuerySet, TenantQuerySet
from crm.models.contact import Contact


class Segment(models.Model):
    """A named group of contacts, defined by a filter (data-8) and kept as rows of members.

    The members are correct as of `as_of`. `stale` requests a full recalculation, since
    `stale_since`; `worked_out_at` is the time of the last one.
    """

    id = PublicIdField("seg", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True)
    filter = models.JSONField()
    contact_count = models.PositiveIntegerField(default=0)
    as_of = models.DateTimeField(null=True)
    stale = models.BooleanField(default=True)
    stale_since = models.DateTimeField(null=True)
    worked_out_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    objects = DeletableQuerySet["Segment"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"],
                condition=models.Q(deleted_at=None),
                name="segment_name_unique_per_workspace",
            )
        ]

    def __str__(self) -> str:
        return self.name


class SegmentMember(models.Model):
    """A contact that is in a segment as of its last working out."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="members")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="segments")

    objects = TenantQuerySet["SegmentMember"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["segment", "contact"], name="contact_once_per_segment")
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "contact"], name="segment_member_by_contact"),
            models.Index(
                fields=["workspace", "segment", "contact"], name="segment_member_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.segment_id}"


class SegmentLock(models.Model):
    """Which run brings a workspace's segments up to date, and until when it counts as alive."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    holder = models.CharField(max_length=32)
    until = models.DateTimeField()

    objects = TenantQuerySet["SegmentLock"].as_manager()

    class Meta:
        db_table = "crm_segmentturn"  # as it was called first
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace"], name="one_segment_turn_per_workspace")
        ]

    def __str__(self) -> str:
        return f"{self.holder} until {self.until:%H:%M:%S}"


class DirtyContact(models.Model):
    """A contact about whom something changed since segments were worked out (crm.membership).

    No foreign key: a mark outlives its contact by seconds at most, and writing one stays cheap.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    contact_id = PublicIdField("ct")

    objects = TenantQuerySet["DirtyContact"].as_manager()

    class Meta:
        db_table = "crm_contactmark"  # as it was called first
        indexes: ClassVar = [
            models.Index(fields=["workspace", "id", "contact_id"], name="contact_mark_in_order")
        ]

    def __str__(self) -> str:
        return str(self.contact_id)
