"""Stores mail with contacts as conversations: each message once, in its thread."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import IntegrityError, transaction
from django.db.models import Q

from core import clock
from core.actor import Actor
from crm.models import Contact, Message, Thread

_MAX_ID = 255


@dataclass(frozen=True, slots=True)
class Mail:
    """A message, read from a mailbox or sent by us.

    `references` are the ids it answers, oldest first. `direction` is in or out. `sharing` and
    `owner_id` are the mailbox's. `verified` only for mail whose sender the server vouches for.
    """

    message_id: str
    references: tuple[str, ...]
    direction: Literal["in", "out"]
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    sent_at: datetime
    sharing: str
    owner_id: str | None
    automatic: bool = False
    verified: bool = False


def contacts_of(actor: Actor, addresses: set[str]) -> list[Contact]:
    """The contacts with one of these addresses."""
    return list(Contact.objects.visible_to(actor).present().filter(email__in=addresses))


def is_ours(actor: Actor, message_ids: tuple[str, ...]) -> bool:
    """Whether one of the ids is of mail that went out from here."""
    rows = Message.objects.visible_to(actor).filter(direction="out")
    return bool(message_ids) and rows.filter(external_id__in=message_ids).exists()


def store_message(actor: Actor, contact: Contact, mail: Mail) -> bool:
    """Store a message in the contact's conversation; false if it is already stored.

    The caller holds the transaction.
    """
    external_id = mail.message_id[:_MAX_ID]
    thread, is_first = _thread(actor, contact, mail)
    row = {"workspace_id": actor.workspace_id, "thread": thread, "external_id": external_id}
    values = {
        "direction": mail.direction,
        "from_address": mail.sender,
        "to_addresses": list(mail.recipients),
        "subject": mail.subject[:500],
        "body": mail.text,
        "sent_at": mail.sent_at,
        "automatic": mail.automatic,
        "verified": mail.verified,
        "created_at": clock.now(),
    }
    if is_first:  # the thread is invisible to others until this transaction commits
        Message.objects.create(**row, **values)
        return True
    _, is_new = Message.objects.get_or_create(**row, defaults=values)
    if is_new:
        later = Thread.objects.filter(pk=thread.pk, last_message_at__lt=mail.sent_at)
        later.update(last_message_at=mail.sent_at)
    return is_new


def _thread(actor: Actor, contact: Contact, mail: Mail) -> tuple[Thread, bool]:
    """The thread of a message this one answers, else of its oldest reference.

    Also returns whether the thread is new.
    """
    chain = [reference[:_MAX_ID] for reference in (*mail.references, mail.message_id)]
    own = Thread.objects.visible_to(actor).filter(contact=contact, source="imap")
    known = own.filter(Q(messages__external_id__in=chain) | Q(external_id__in=chain))
    found = known.order_by("created_at").first()
    if found is not None:
        return found, False
    thread = Thread(
        workspace_id=actor.workspace_id,
        contact=contact,
        source="imap",
        external_id=chain[0],
        subject=mail.subject[:500],
        sharing=mail.sharing,
        owner_id=mail.owner_id,
        last_message_at=mail.sent_at,
        created_at=clock.now(),
    )
    try:
        with transaction.atomic():
            thread.save(force_insert=True)
    except IntegrityError:  # another message of the conversation arrived at the same time
        return own.get(external_id=chain[0]), False
    return thread, True
