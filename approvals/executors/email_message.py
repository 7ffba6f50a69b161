"""E-mail through the sender's mailbox. At most once: SMTP has no idempotency key."""

import email.policy
from email.headerregistry import Address
from email.message import EmailMessage as MimeMessage
from email.utils import format_datetime, make_msgid
from typing import Any

from approvals.executors.base import (
    Addressee,
    DeliveryRefused,
    DeliveryUnknown,
    Receipt,
    Rendered,
)
from approvals.rendering import html_of, links_of
from approvals.schemas.messages import MAX_RECIPIENTS, EmailMessage
from core import addresses, clock
from core.actor import Actor
from core.errors import ValidationFailed
from core.schemas import plain_name
from crm.models import Contact
from identities import mail
from identities.models import Identity, Mailbox


class EmailExecutor:
    """Renders and sends an `email_message`."""

    def render(self, actor: Actor, params: EmailMessage, identity: Identity) -> Rendered:
        """The envelope, headers and parts as they will be sent; Date and Message-ID come later."""
        mailbox = _mailbox(identity)
        addressees = _addressees(actor, params)
        text = _with_signature(params.body, identity.signature)
        message = {
            "envelope_from": mailbox.address,
            "envelope_to": [row.address for row in addressees],
            "from": str(Address(_display_name(identity), addr_spec=mailbox.address)),
            "reply_to": mailbox.address,
            "to": [row.address for row in addressees if row.kind == "to"],
            "cc": [row.address for row in addressees if row.kind == "cc"],
            "subject": params.subject,
            "text": text,
            "html": html_of(text),
            "attachments": [],
            "identity_version": identity.version,
        }
        return Rendered(message, addressees, text, links_of(text))

    def deliver(self, identity: Identity, message: dict[str, Any], attempt_id: str) -> Receipt:
        """Hand the stored message to the sender's server."""
        domain = addresses.domain_of(message["envelope_from"])
        message_id = make_msgid(attempt_id, domain=domain)
        try:
            answer = mail.deliver(
                _mailbox(identity),
                message["envelope_from"],
                message["envelope_to"],
                mime_of(message, message_id),
            )
        except mail.Refused as error:
            raise DeliveryRefused(error.sentence, str(error.code or "")) from error
        except mail.OutcomeUnknown as error:
            raise DeliveryUnknown from error
        return Receipt(message_id, answer["code"], "The mail server took the message.")


def mime_of(message: dict[str, Any], message_id: str) -> MimeMessage:
    """The stored rendering as a MIME message; only Date and Message-ID are added here."""
    mime = MimeMessage(policy=email.policy.SMTP)
    mime["From"] = message["from"]
    mime["To"] = ", ".join(message["to"])
    if message["cc"]:
        mime["Cc"] = ", ".join(message["cc"])
    mime["Reply-To"] = message["reply_to"]
    mime["Subject"] = message["subject"]
    mime["Date"] = format_datetime(clock.now())
    mime["Message-ID"] = message_id
    mime.set_content(message["text"], cte="base64")
    mime.add_alternative(message["html"], subtype="html", cte="base64")
    return mime


def _mailbox(identity: Identity) -> Mailbox:
    mailbox: Mailbox | None = getattr(identity, "mailbox", None)
    if mailbox is None:
        raise ValidationFailed(
            "This sender has no mailbox.",
            hint="Use list_identities with channel email to find one that has.",
            field="identity_id",
        )
    return mailbox


def _addressees(actor: Actor, params: EmailMessage) -> list[Addressee]:
    named = {
        "to": [addresses.normal(text, field="to") for text in params.to],
        "cc": [addresses.normal(text, field="cc") for text in params.cc],
        "bcc": [addresses.normal(text, field="bcc") for text in params.bcc],
    }
    if params.contact_id:
        contact = Contact.objects.visible_to(actor).present().one(params.contact_id, "contact")
        own = addresses.normal(contact.email, field="contact_id")
        if not named["to"]:
            named["to"] = [own]
        elif own not in named["to"]:
            raise ValidationFailed(
                "contact_id and to name different people.",
                hint="Leave one of them out.",
                field="to",
            )
    flat = [(address, kind) for kind, found in named.items() for address in found]
    if len({address for address, _ in flat}) != len(flat) or len(flat) > MAX_RECIPIENTS:
        raise ValidationFailed("Each recipient may stand once, at most 5 in all.", field="to")
    people = Contact.objects.visible_to(actor).present()
    ids = dict(people.filter(email__in=[a for a, _ in flat]).values_list("email", "id"))
    return [Addressee(address, kind, ids.get(address)) for address, kind in flat]


def _with_signature(body: str, signature: str) -> str:
    return (
        f"{body.rstrip()}\n\n{signature.strip()}\n" if signature.strip() else f"{body.rstrip()}\n"
    )


def _display_name(identity: Identity) -> str:
    """The sender's name; one that looks like an address is not used (rules 6)."""
    name = plain_name(str(identity))
    return "" if any(part in name for part in ("@", "<", ">", "=?")) else name
