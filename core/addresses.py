"""Mail addresses: one mailbox per entry, normalised (RFC 5321, RFC 6531)."""

from django.conf import settings
from email_validator import EmailNotValidError, validate_email

from core.errors import ValidationFailed


def normalize(text: str, *, field: str = "email") -> str:
    """The address in lower case, its host as DNS has it (RFC 5891).

    Raises ValidationFailed for anything but one bare mailbox, and for characters before the @ that
    plain SMTP does not support (RFC 6531 would need the next server's consent).

    Lists, display names, comments and line breaks are refused: a library down the line could read
    `a@b.example,c@d.example` as two recipients.
    """
    try:
        found = validate_email(
            text,
            check_deliverability=False,
            test_environment=settings.DEMO,
            strict=True,
            allow_smtputf8=False,
        )
    except EmailNotValidError as error:
        raise ValidationFailed(
            "Invalid e-mail address.", hint="Use a single bare address.", field=field
        ) from error
    return str(found.ascii_email).lower()


def domain_of(address: str) -> str:
    """The part after the last @, in lower case."""
    return address.rpartition("@")[2].lower()
