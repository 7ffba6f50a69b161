"""Adds sent mail to the conversation with each recipient contact."""

from email.utils import parseaddr
from typing import Any

from approvals.models import Action, Recipient
from core import clock
from core.actor import Actor
from crm.services import mail_threads
from crm.services.mail_threads import Mail
from identities.models import Mailbox


def store(actor: Actor, action: Action, message_id: str) -> None:
    """Store a sent e-mail; other messages have no conversation.

    The caller holds the transaction.
    """
    message = action.rendered or {}
    if "envelope_to" not in message or "subject" not in message:
        return
    # Read again: a contact may have been deleted, or the mailbox made private, during the call.
    found = Recipient.objects.filter(action=action).order_by("pk")
    rows = list(found.select_related("contact", "action__identity__mailbox"))
    mail = _mail(action, message_id, rows)
    for row in rows:
        if row.contact is not None and row.contact.deleted_at is None:
            mail_threads.store_message(actor, row.contact, mail)


def _mail(action: Action, message_id: str, addressees: list[Recipient]) -> Mail:
    """The e-mail in the format shared by all ways of sending mail."""
    message: dict[str, Any] = action.rendered or {}
    identity = addressees[0].action.identity if addressees else None
    mailbox: Mailbox | None = getattr(identity, "mailbox", None)
    root = message.get("in_reply_to", "")
    return Mail(
        message_id=message_id.strip("<>"),
        references=(root,) if root else (),
        direction="out",
        sender=parseaddr(message["from"])[1],
        # Bcc recipients stay hidden.
        recipients=tuple(row.address for row in addressees if row.kind != "bcc"),
        subject=message["subject"],
        text=message["text"],
        sent_at=clock.now(),
        sharing=mailbox.sharing if mailbox else "full",
        owner_id=str(identity.user_id) if identity and identity.user_id else None,
    )
