from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from crm.models.contact import Contact

SHARING = ("full", "subject_and_time", "owner_only")


class ThreadQuerySet(TenantQuerySet["Thread"]):
    """Conversations."""


class Thread(models.Model):
    """A conversation with one contact, from a mailbox or from Intercom.

    `sharing` binds every surface (rules 9): full, subject_and_time, owner_only. Subject and bodies
    come from outside.
    """

    id = PublicIdField("thr", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="threads")
    source = models.CharField(max_length=16)
    external_id = models.CharField(max_length=255)
    subject = models.CharField(max_length=500, blank=True)
    sharing = models.CharField(max_length=20, default="full")
    owner_id = PublicIdField("usr", null=True)
    last_message_at = models.DateTimeField()
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    objects = ThreadQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "contact", "source", "external_id"],
                name="thread_once_per_contact_and_source",
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=["imap", "gmail", "intercom"]),
                name="thread_source_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(sharing__in=SHARING), name="thread_sharing_is_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "contact", "last_message_at"], name="thread_latest")
        ]

    def __str__(self) -> str:
        return f"Thread {self.pk}"


class MessageQuerySet(TenantQuerySet["Message"]):
    """Messages."""


class Message(models.Model):
    """One message of a conversation. `direction` is in (from the contact) or out (from us)."""

    id = PublicIdField("msg", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    external_id = models.CharField(max_length=255)
    direction = models.CharField(max_length=3)
    from_address = models.CharField(max_length=254)
    to_addresses = models.JSONField(default=list)
    subject = models.CharField(max_length=500, blank=True)
    body = models.TextField(blank=True)
    sent_at = models.DateTimeField()
    created_at = models.DateTimeField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "thread", "external_id"], name="message_once_per_thread"
            ),
            models.CheckConstraint(
                condition=models.Q(direction__in=["in", "out"]), name="message_direction_is_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "thread", "sent_at"], name="message_by_thread")
        ]

    def __str__(self) -> str:
        return f"Message {self.pk}"
