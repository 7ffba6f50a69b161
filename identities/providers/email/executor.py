"""E-mail through the sender's mailbox. At most once: SMTP has no idempotency key."""

import email.policy
from email.message import EmailMessage as MimeMessage
from email.utils import format_datetime, make_msgid
from typing import Any

from core import addresses, clock
from core.actor import Actor
from identities import outgoing_mail
from identities.models import Identity, Mailbox
from identities.providers.contract import (
    CredentialRefused,
    Delivery,
    DeliveryRefused,
    DeliveryUnknown,
    Receipt,
    Rendered,
    TryLater,
)
from identities.providers.email import recipients, unsubscribe_link
from identities.providers.email.schemas import EmailMessage
from identities.providers.rendering import html_of, links_of

# RFC 4954 6: the login was refused, so nothing was sent and nothing more will be.
_LOGIN_REFUSED = frozenset({530, 534, 535, 538})


class EmailExecutor:
    """Renders and sends an `email_message`."""

    needs_identity = True
    repeatable = False

    def render(self, actor: Actor, params: EmailMessage, identity: Identity | None) -> Rendered:
        """The envelope, headers and parts as they will be sent.

        Date, Message-ID and the unsubscribe token are added later.
        """
        mailbox = recipients.mailbox_of(identity)
        identity = mailbox.identity
        thread = recipients.answered_thread(actor, params.thread_id) if params.thread_id else None
        addressees = recipients.addressees_of(actor, recipients.with_recipient(params, thread))
        if thread:
            recipients.check_participants(addressees, thread)
        text = recipients.with_signature(params.body, identity.signature)
        message = {
            "envelope_from": mailbox.address,
            "envelope_to": [row.address for row in addressees],
            "from": recipients.sender_of(mailbox),
            "reply_to": mailbox.address,
            "to": [row.address for row in addressees if row.kind == "to"],
            "cc": [row.address for row in addressees if row.kind == "cc"],
            "subject": params.subject,
            "text": text,
            "html": html_of(text),
            "attachments": [],
            "in_reply_to": thread.root if thread else "",
            # RFC 8058 is for one recipient: with several it is unknown who unsubscribed.
            "list_unsubscribe": len(addressees) == 1,
            "identity_version": identity.version,
        }
        own = addresses.domain_of(mailbox.address)
        seen = thread.link_domains if thread else frozenset()
        return Rendered(message, addressees, text, links_of(text), own, seen_domains=seen)

    def channel(
        self, workspace_id: str, identity: Identity | None, message: dict[str, Any]
    ) -> Mailbox | None:
        """The sender's mailbox."""
        return getattr(identity, "mailbox", None)

    def deliver(self, delivery: Delivery) -> Receipt:
        """Send the stored message to the sender's server."""
        message = delivery.message
        domain = addresses.domain_of(message["envelope_from"])
        message_id = make_msgid(delivery.attempt_id, domain=domain)
        try:
            answer = outgoing_mail.deliver(
                recipients.mailbox_of(delivery.identity),
                message["envelope_from"],
                message["envelope_to"],
                mime_of(message, message_id, unsubscribe_link.link(delivery.attempt_id)),
            )
        except outgoing_mail.Refused as error:
            if error.code in _LOGIN_REFUSED:
                raise CredentialRefused(error.sentence, str(error.code)) from error
            if 400 <= error.code < 500:  # RFC 5321 4.2.1: not now, perhaps later (greylisting)
                raise TryLater(error.sentence, str(error.code)) from error
            raise DeliveryRefused(error.sentence, str(error.code or "")) from error
        except outgoing_mail.OutcomeUnknown as error:
            raise DeliveryUnknown from error
        return Receipt(message_id, answer["code"], "The mail server accepted the message.")


def mime_of(message: dict[str, Any], message_id: str, unsubscribe_url: str) -> MimeMessage:
    """The stored rendering as a MIME message; Date, Message-ID and the link are added here."""
    mime = MimeMessage(policy=email.policy.SMTP)
    mime["From"] = message["from"]
    mime["To"] = ", ".join(message["to"])
    if message["cc"]:
        mime["Cc"] = ", ".join(message["cc"])
    mime["Reply-To"] = message["reply_to"]
    mime["Subject"] = message["subject"]
    mime["Date"] = format_datetime(clock.now())
    mime["Message-ID"] = message_id
    if message.get("in_reply_to"):
        mime["In-Reply-To"] = mime["References"] = f"<{message['in_reply_to']}>"
    if message.get("list_unsubscribe"):
        mime["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        mime["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058 3.1
    mime.set_content(message["text"], cte="base64")
    mime.add_alternative(message["html"], subtype="html", cte="base64")
    return mime
