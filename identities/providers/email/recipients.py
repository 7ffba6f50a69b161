"""Shared by all kinds of e-mail: resolved recipients, a signature, the sender's name.

For a reply in a conversation also its allowed recipients, references and known links.
"""

from dataclasses import dataclass
from email.headerregistry import Address
from typing import Protocol

from core import addresses
from core.actor import Actor
from core.errors import ValidationFailed
from core.schemas import plain_name
from crm.models import Contact, Thread
from crm.queries.conversations import present_messages, present_threads
from identities.models import Identity, Mailbox
from identities.providers.contract import Addressee
from identities.providers.email.schemas import MAX_RECIPIENTS, EmailMessage
from identities.providers.rendering import link_domains, links_of

_READ = 200  # of the latest messages of a conversation


class Addressed(Protocol):
    """Params with the recipients of a message."""

    @property
    def to(self) -> list[str]: ...
    @property
    def contact_id(self) -> str | None: ...
    @property
    def cc(self) -> list[str]: ...
    @property
    def bcc(self) -> list[str]: ...


def mailbox_of(identity: Identity | None) -> Mailbox:
    """The sender's mailbox, paused or not; raises ValidationFailed when it has none."""
    mailbox: Mailbox | None = getattr(identity, "mailbox", None)
    if mailbox is None:
        raise ValidationFailed(
            "This sender has no mailbox.",
            hint="Use list_identities with channel email to find a sender with a mailbox.",
            field="identity_id",
        )
    return mailbox


def addressees_of(actor: Actor, params: Addressed) -> list[Addressee]:
    """Every recipient once, each with the contact it is; raises ValidationFailed."""
    named = {
        "to": [addresses.normalize(text, field="to") for text in params.to],
        "cc": [addresses.normalize(text, field="cc") for text in params.cc],
        "bcc": [addresses.normalize(text, field="bcc") for text in params.bcc],
    }
    people = Contact.objects.visible_to(actor).present().select_related("company")
    found: dict[str, Contact] = {}
    if params.contact_id:
        contact = people.one(params.contact_id, "contact")
        found[contact.email] = contact
        own = addresses.normalize(contact.email, field="contact_id")
        if not named["to"]:
            named["to"] = [own]
        elif own not in named["to"]:
            raise ValidationFailed(
                "contact_id and to name different people.", hint="Omit one of them.", field="to"
            )
    flat = [(address, kind) for kind, listed in named.items() for address in listed]
    if len({address for address, _ in flat}) != len(flat) or len(flat) > MAX_RECIPIENTS:
        raise ValidationFailed("List each recipient once; 5 recipients at most.", field="to")
    others = [address for address, _ in flat if address not in found]
    if others:
        found |= {row.email: row for row in people.filter(email__in=others)}
    return [Addressee(address, kind, found.get(address)) for address, kind in flat]


def with_signature(body: str, signature: str) -> str:
    """The text as it is sent."""
    return (
        f"{body.rstrip()}\n\n{signature.strip()}\n" if signature.strip() else f"{body.rstrip()}\n"
    )


def sender_of(mailbox: Mailbox) -> str:
    """The sender's name and address as one header."""
    return str(Address(_display_name(mailbox.identity), addr_spec=mailbox.address))


def _display_name(identity: Identity) -> str:
    """The sender's name; one that looks like an address is not used (security-10)."""
    name = plain_name(str(identity))
    return "" if any(part in name for part in ("@", "<", ">", "=?")) else name


@dataclass(frozen=True, slots=True)
class Answered:
    """A conversation that is replied to.

    `root` is the message id every later one refers to: it does not change when another message
    arrives, so the approved message stays the same.
    """

    contact_id: str
    root: str
    participants: frozenset[str]
    link_domains: frozenset[str]


def answered_thread(actor: Actor, thread_id: str) -> Answered:
    """The e-mail conversation; raises NotFound, and ValidationFailed for one of another kind.

    Access is checked once, for the drafter (proposals.check_thread): the person who decides need
    not have access to the mailbox.
    """
    system = Actor.for_job("approvals.threads", actor.workspace_id)
    thread: Thread = present_threads(system).select_related("contact").one(thread_id, "thread")
    if thread.source == "intercom":
        raise ValidationFailed("This is not an e-mail conversation.", field="thread_id")
    rows = present_messages(system).filter(thread=thread).order_by("-sent_at")[:_READ]
    people, hosts = {thread.contact.email}, set[str]()
    for row in rows:
        people |= {row.from_address, *row.to_addresses}
        hosts |= set(link_domains(links_of(row.body)))
    ours = set(Mailbox.objects.visible_to(actor).values_list("address", flat=True))
    return Answered(
        contact_id=str(thread.contact_id),
        root=thread.external_id,
        participants=frozenset(people - ours),
        link_domains=frozenset(hosts),
    )


def with_recipient(params: EmailMessage, thread: Answered | None) -> EmailMessage:
    """The params with the conversation's contact as the default recipient."""
    if thread is None or params.to or params.contact_id:
        return params
    return params.model_copy(update={"contact_id": thread.contact_id})


def check_participants(addressees: list[Addressee], thread: Answered) -> None:
    """Raise ValidationFailed for a recipient who has no part in the conversation (sending-4)."""
    if any(row.address not in thread.participants for row in addressees):
        raise ValidationFailed(
            "A reply can go only to participants of the conversation.",
            hint="Omit thread_id to write to someone else.",
            field="thread_id",
        )
