from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from identities.models.identity import Identity

SECURITY_CHOICES = [("tls", "TLS from the start"), ("starttls", "STARTTLS"), ("none", "None")]


class MailboxQuerySet(TenantQuerySet["Mailbox"]):
    """Mailboxes."""


class Mailbox(models.Model):
    """The e-mail channel of a sender: address and SMTP server. The password is sealed.

    With `uses_relay` it sends through the operator's server, SMTP_RELAY_URL of the environment.
    """

    id = PublicIdField("mbx", primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    identity = models.OneToOneField(Identity, on_delete=models.PROTECT, related_name="mailbox")
    address = models.EmailField()
    uses_relay = models.BooleanField(default=False)
    smtp_host = models.CharField(max_length=253, blank=True)
    smtp_port = models.PositiveIntegerField(null=True)
    smtp_security = models.CharField(max_length=16, choices=SECURITY_CHOICES, default="tls")
    smtp_username = models.CharField(max_length=254, blank=True)
    smtp_password = models.TextField(blank=True)
    created_at = models.DateTimeField()

    objects = MailboxQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "mailboxes"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "address"], name="mailbox_address_unique_per_workspace"
            ),
            models.CheckConstraint(
                condition=models.Q(smtp_security__in=[code for code, _ in SECURITY_CHOICES]),
                name="mailbox_security_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(uses_relay=True) | models.Q(smtp_port__isnull=False),
                name="mailbox_names_a_server",
            ),
        ]

    def __str__(self) -> str:
        return self.address
