"""The forms of senders, their mailboxes and the workspace's connections."""

from typing import Any

from django import forms
from pydantic import BaseModel

from core.errors import AppError, ValidationFailed
from core.schemas import validated
from identities.models import Identity, Mailbox
from identities.schemas.mailboxes import LimitSettings, MailboxSettings

SECURITY = [
    ("tls", "Implicit TLS"),
    ("starttls", "STARTTLS"),
    ("none", "None (local networks only)"),
]
_NEVER_FILLED = {"autocomplete": "new-password", "spellcheck": "false"}


class SecretField(forms.CharField):
    """A secret: entered, never rendered."""

    def __init__(self, label: str, help_text: str, *, required: bool = True) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            required=required,
            strip=True,
            max_length=4000,
            widget=forms.PasswordInput(attrs=_NEVER_FILLED, render_value=False),
        )


def show_error(form: forms.Form, error: AppError) -> None:
    """Show a refusal beside the field it names, or above the form."""
    field = error.field if error.field in form.fields else None
    form.add_error(field, error.words)


class ValuesForm(forms.Form):
    """A form whose fields together are one argument of an operation: `values`, of this `schema`."""

    schema: type[BaseModel]

    def given_values(self) -> dict[str, Any]:
        """The schema's values."""
        return dict(self.cleaned_data)

    def clean(self) -> dict[str, Any]:
        """The values; an invalid combination is an error of the form."""
        given = super().clean() or {}
        if self.errors:
            return given
        try:
            return {"values": validated(self.schema, self.given_values())}
        except ValidationFailed as error:
            show_error(self, error)
            return given


class SenderForm(forms.Form):
    """Who a sender is to recipients."""

    firstName = forms.CharField(label="First name", max_length=120)  # noqa: N815 - as in REST
    lastName = forms.CharField(label="Last name", max_length=120, required=False)  # noqa: N815
    jobTitle = forms.CharField(label="Job title", max_length=120, required=False)  # noqa: N815
    signature = forms.CharField(
        label="Signature",
        max_length=2000,
        required=False,
        help_text="Added below each e-mail. Changing anything here sends waiting messages "
        "back for review.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    @classmethod
    def of(cls, identity: Identity) -> "SenderForm":
        """The form as the sender is now."""
        return cls(
            initial={
                "firstName": identity.first_name,
                "lastName": identity.last_name,
                "jobTitle": identity.job_title,
                "signature": identity.signature,
            }
        )


class MailboxForm(ValuesForm):
    """Address and servers of a mailbox."""

    schema = MailboxSettings

    address = forms.EmailField(label="E-mail address", max_length=254)
    uses_relay = forms.BooleanField(
        label="Send through this installation's own mail server", required=False
    )
    smtp_host = forms.CharField(label="SMTP host", max_length=253, required=False)
    smtp_port = forms.IntegerField(
        label="SMTP port", min_value=1, max_value=65535, required=False, initial=465
    )
    smtp_security = forms.ChoiceField(label="SMTP encryption", choices=SECURITY, initial="tls")
    smtp_username = forms.CharField(
        label="User name",
        max_length=254,
        required=False,
        help_text="Used for SMTP and IMAP; often the e-mail address.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    password = SecretField(
        "Password",
        "Often an app password. Stored encrypted and never shown again.",
        required=False,
    )
    imap_host = forms.CharField(
        label="IMAP host",
        max_length=253,
        required=False,
        help_text="Leave empty to not read replies.",
    )
    imap_port = forms.IntegerField(
        label="IMAP port", min_value=1, max_value=65535, required=False, initial=993
    )
    imap_security = forms.ChoiceField(label="IMAP encryption", choices=SECURITY, initial="tls")

    @classmethod
    def of(cls, mailbox: Mailbox | None) -> "MailboxForm":
        """The form as the mailbox is now; never its password."""
        if mailbox is None:
            return cls()
        names = [name for name in cls.base_fields if name != "password"]
        return cls(initial={name: getattr(mailbox, name) for name in names})

    def given_values(self) -> dict[str, Any]:
        """No password keeps the stored one, and without IMAP its port means nothing."""
        given = self.cleaned_data
        port = given["imap_port"] if given["imap_host"] else None
        return {**given, "password": given["password"] or None, "imap_port": port}


class LimitsForm(ValuesForm):
    """How much and when a sender sends."""

    schema = LimitSettings

    email_daily_limit = forms.IntegerField(label="E-mails per day", min_value=0, max_value=10_000)
    linkedin_daily_limit = forms.IntegerField(
        label="LinkedIn invitations per day", min_value=0, max_value=200
    )
    minimum_gap_seconds = forms.IntegerField(
        label="Seconds between messages", min_value=0, max_value=3600
    )
    quiet_from = forms.TimeField(
        label="Quiet hours from",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_until = forms.TimeField(
        label="Quiet hours until",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_weekends = forms.BooleanField(label="Quiet on Saturday and Sunday", required=False)

    @classmethod
    def of(cls, identity: Identity) -> "LimitsForm":
        """The form as the limits are now."""
        return cls(initial={name: getattr(identity, name) for name in cls.base_fields})


class TokenForm(forms.Form):
    """The token of a provider."""

    secret = SecretField("Token", "Stored encrypted and never shown again.")
