from typing import ClassVar, Self

from django.db import models

from accounts.models import Workspace
from core.actor import Actor, ActorKind
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from crm.models.contact import Contact

FULL, SUBJECT_AND_TIME, OWNER_ONLY = SHARING = ("full", "subject_and_time", "owner_only")


def owner_in(actor: Actor) -> str | None:
    """The user whose private mail this actor may read: the one who is present, or None.

    A key or agent works without its user present, and others read its output (inbound-2).
    """
    return actor.user_id if actor.is_person_present else None


class ThreadQuerySet(TenantQuerySet["Thread"]):
    def visible_to(self, actor: Actor) -> Self:
        """The workspace's rows shared with the actor; all for the system."""
        rows = super().visible_to(actor)
        return rows if actor.kind is ActorKind.JOB else rows.filter(_shared_with(actor))

    def present(self) -> Self:
        """Rows not deleted, of contacts not deleted."""
        return self.filter(deleted_at=None, contact__deleted_at=None)


class Thread(models.Model):
    """A conversation with one contact, from a mailbox or from Intercom.

    `sharing` binds every surface (inbound-2): full, subject_and_time, owner_only. Subject and
    bodies are external text.
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

    def is_open_to(self, actor: Actor) -> bool:
        """Whether the actor may read more than its subjects and times."""
        return self.sharing == FULL or (
            self.owner_id is not None and self.owner_id == owner_in(actor)
        )


class MessageQuerySet(TenantQuerySet["Message"]):
    def visible_to(self, actor: Actor) -> Self:
        """Messages of conversations shared with the actor; all for the system."""
        rows = super().visible_to(actor)
        return rows if actor.kind is ActorKind.JOB else rows.filter(_shared_with(actor, "thread__"))

    def present(self) -> Self:
        """Messages whose conversation and contact are not deleted."""
        return self.filter(thread__deleted_at=None, thread__contact__deleted_at=None)


class Message(models.Model):
    """One message of a conversation. `direction` is in (from the contact) or out (from us).

    `automatic`: no person wrote it. `verified`: the receiving server vouches for its sender, and it
    answers a message we sent (inbound-3).
    """

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
    automatic = models.BooleanField(default=False)
    verified = models.BooleanField(default=False)
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
            models.Index(fields=["workspace", "thread", "sent_at"], name="message_by_thread"),
            models.Index(fields=["workspace", "external_id"], name="message_by_external_id"),
            models.Index(
                fields=["workspace", "from_address"],
                condition=models.Q(verified=True),
                name="message_verified_from",
            ),
        ]

    def __str__(self) -> str:
        return f"Message {self.pk}"


def _shared_with(actor: Actor, path: str = "") -> models.Q:
    """Shared rows and the actor's own; a NULL owner matches no one."""
    shared = models.Q(**{f"{path}sharing__in": (FULL, SUBJECT_AND_TIME)})
    owner = owner_in(actor)
    return shared if owner is None else shared | models.Q(**{f"{path}owner_id": owner})
