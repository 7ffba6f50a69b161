from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from identities.models.connected import Connected
from identities.models.identity import Identity
from identities.secrets import Opened


class Kind(StrEnum):
    """The providers a workspace connects to. A mailbox has its own table (Mailbox)."""

    MAILBOX = "mailbox"
    SLACK = "slack"
    RESEND = "resend"
    HUBSPOT = "hubspot"
    LINKEDIN = "linkedin"
    MCP = "mcp"

    @property
    def label(self) -> str:
        """Its name for people."""
        return _LABELS[self]

    @property
    def is_personal(self) -> bool:
        """Whether it belongs to one sender; the others serve the whole workspace."""
        return self in {Kind.MAILBOX, Kind.LINKEDIN}


_LABELS = {
    Kind.MAILBOX: "Mailbox",
    Kind.SLACK: "Slack",
    Kind.RESEND: "Resend",
    Kind.HUBSPOT: "HubSpot",
    Kind.LINKEDIN: "LinkedIn",
    Kind.MCP: "MCP server",
}
KIND_CHOICES = [(kind.value, kind.label) for kind in Kind if kind is not Kind.MAILBOX]


class Channel(Connected):
    """A connection to a provider, of one sender or of the whole workspace.

    `settings` is what `identities.schemas.channels` declares for the kind. `secret` is sealed and
    opens for this row only; it is written, used, and never shown. So is `webhook_secret`, with
    which the provider signs its webhooks. `name` tells MCP servers apart.
    """

    id = PublicIdField("chn", primary_key=True)
    identity = models.ForeignKey(
        Identity, null=True, on_delete=models.PROTECT, related_name="channels"
    )
    kind = models.CharField(max_length=16, choices=KIND_CHOICES)
    name = models.CharField(max_length=60, blank=True)
    settings: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    secret = models.TextField(blank=True)
    webhook_secret = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = TenantQuerySet["Channel"].as_manager()

    class Meta(Connected.Meta):
        abstract = False
        constraints: ClassVar = [
            *Connected.Meta.constraints,
            models.UniqueConstraint(
                fields=["workspace", "kind", "name"],
                condition=models.Q(identity__isnull=True),
                name="channel_once_per_workspace",
            ),
            models.UniqueConstraint(
                fields=["workspace", "identity", "kind"],
                condition=models.Q(identity__isnull=False),
                name="channel_once_per_sender",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=[code for code, _ in KIND_CHOICES]),
                name="channel_kind_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="linkedin", identity__isnull=False)
                | (~models.Q(kind="linkedin") & models.Q(identity__isnull=True)),
                name="channel_has_a_sender_where_it_is_personal",
            ),
        ]

    def opened(self) -> Opened:
        """The provider's token as {"token": ...}, or {} when it needs none.

        Raises Unavailable when no key opens it or it was sealed for another row.
        """
        return Opened.from_sealed("token", self.secret, bound_to=str(self.pk))

    def opened_webhook(self) -> str:
        """The secret the provider signs with; raises what `opened` raises."""
        sealed = self.webhook_secret
        return Opened.from_sealed("webhook", sealed, bound_to=str(self.pk)).get("webhook", "")

    def __str__(self) -> str:
        label = Kind(self.kind).label
        return f"{label} {self.name}" if self.name else label
