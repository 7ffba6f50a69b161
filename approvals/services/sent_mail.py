"""What went out becomes part of the conversation with each contact it went to."""

from typing import Any

from approvals.models import Action, Recipient
from core import clock
from core.actor import Actor
from crm.services import mail_threads
from crm.services.mail_threads import Mail
from identities.models import Mailbox


def keep(actor: Actor, action: Action, message_id: str) -> None:
    """Store a sent letter; other messages have no conversation.

    The caller holds the transaction.
    """
    message = action.rendered or {}
    if "envelope_to" not in message or "subject" not in message:
        return
    mail = _mail(actor, action, message, message_id)
    rows = Recipient.objects.filter(action=action, contact__isnull=False).select_related("contact")
    for row in rows:
        if row.contact is not None and row.contact.deleted_at is None:
            mail_threads.keep(actor, row.contact, mail)


def _mail(actor: Actor, action: Action, message: dict[str, Any], message_id: str) -> Mail:
    mailbox = Mailbox.objects.visible_to(actor).filter(identity=action.identity_id).first()
    root = message.get("in_reply_to", "")
    return Mail(
        message_id=message_id.strip("<>"),
        references=(root,) if root else (),
        direction="out",
        sender=message["envelope_from"],
        # A hidden copy stays hidden.
        recipients=(*message["to"], *message["cc"]),
        subject=message["subject"],
        text=message["text"],
        sent_at=clock.now(),
        sharing=mailbox.sharing if mailbox else "full",
        owner_id=str(action.identity.user_id)
        if action.identity and action.identity.user_id
        else None,
    )
