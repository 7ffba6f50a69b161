"""What every kind of e-mail has: resolved recipients, a signature, a sender's name."""

from typing import Protocol

from core import addresses
from core.actor import Actor
from core.errors import ValidationFailed
from core.schemas import plain_name
from crm.models import Contact
from identities.models import Identity, Mailbox
from identities.providers.contract import Addressee
from identities.providers.email.schemas import MAX_RECIPIENTS


class Addressed(Protocol):
    """Params that say whom a letter goes to."""

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


def display_name(identity: Identity) -> str:
    """The sender's name; one that looks like an address is not used (security-10)."""
    name = plain_name(str(identity))
    return "" if any(part in name for part in ("@", "<", ">", "=?")) else name
