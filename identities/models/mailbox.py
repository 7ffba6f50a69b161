from typing import ClassVar

from django.db import models

from core.ids import PublicIdField
from core.tenancy import TenantQuerySet
from crm.models.conversation import SHARING
from identities.models.connected import Connected
from identities.models.identity import Identity
from identities.secrets import Opened

SECURITY_CHOICES = [("tls", "Implicit TLS"), ("starttls", "STARTTLS"), ("none", "None")]

BY_PASSWORD, BY_GOOGLE = "password", "google"
SIGN_IN_CHOICES = [(BY_PASSWORD, "A password"), (BY_GOOGLE, "Google OAuth")]


class Mailbox(Connected):
    """The e-mail channel of a sender: its address, SMTP and IMAP server. The password is sealed.

    With `uses_relay` it sends through the operator's server, SMTP_RELAY_URL of the environment.
    Name and password are the same for SMTP and IMAP; without `imap_host` replies are not read.
    With a Google sign-in the password is the refresh token, and `access_token` the last one issued.
    `sharing` binds every surface (inbound-2). `checked_by` is the authserv-id (RFC 8601) of its
    server; without it no reply counts as verified.
    """

    id = PublicIdField("mbx", primary_key=True)
    identity = models.OneToOneField(Identity, on_delete=models.PROTECT, related_name="mailbox")
    address = models.EmailField()
    uses_relay = models.BooleanField(default=False)
    smtp_host = models.CharField(max_length=253, blank=True)
    smtp_port = models.PositiveIntegerField(null=True)
    smtp_security = models.CharField(max_length=16, choices=SECURITY_CHOICES, default="tls")
    smtp_username = models.CharField(max_length=254, blank=True)
    smtp_password = models.TextField(blank=True)
    signs_in = models.CharField(max_length=16, choices=SIGN_IN_CHOICES, default=BY_PASSWORD)
    access_token = models.TextField(blank=True)
    access_until = models.DateTimeField(null=True)
    imap_host = models.CharField(max_length=253, blank=True)
    imap_port = models.PositiveIntegerField(null=True)
    imap_security = models.CharField(max_length=16, choices=SECURITY_CHOICES, default="tls")

    sharing = models.CharField(max_length=20, default="subject_and_time")
    checked_by = models.CharField(max_length=253, blank=True)

    objects = TenantQuerySet["Mailbox"].as_manager()

    class Meta(Connected.Meta):
        abstract = False
        verbose_name_plural = "mailboxes"
        constraints: ClassVar = [
            *Connected.Meta.constraints,
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
            models.CheckConstraint(
                condition=models.Q(imap_security__in=[code for code, _ in SECURITY_CHOICES]),
                name="mailbox_imap_security_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(signs_in__in=[code for code, _ in SIGN_IN_CHOICES]),
                name="mailbox_sign_in_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(sharing__in=SHARING), name="mailbox_sharing_is_known"
            ),
        ]

    def opened(self) -> Opened:
        """The password as {"password": ...}, or {} when it needs none.

        Raises Unavailable when no key opens it or it was sealed for another row.
        """
        return Opened.from_sealed("password", self.smtp_password, bound_to=str(self.pk))

    def __str__(self) -> str:
        return self.address
