"""The demo's senders; their mail goes to the sink, which hands nothing on."""

from typing import NamedTuple

from accounts.models import User, Workspace
from core import clock
from identities.models import Identity, Mailbox


class Sender(NamedTuple):
    """A sender and the login it belongs to."""

    workspace: str
    login: str
    first_name: str
    last_name: str
    job_title: str
    address: str


SENDERS = (
    Sender("acme", "mia@acme.test", "Mia", "Moss", "Account Manager", "mia.moss@acme.test"),
    Sender("acme", "ada@acme.test", "Ada", "Lind", "Managing Director", "ada.lind@acme.test"),
    Sender("acme", "rex@acme.test", "Rex", "Okafor", "Head of Sales", "rex.okafor@acme.test"),
    Sender("globex", "gil@globex.test", "Gil", "Sato", "Founder", "gil.sato@globex.test"),
)


def senders(places: dict[str, Workspace]) -> dict[str, Identity]:
    """Every sender by address, made when missing."""
    return {sender.address: _sender(sender, places[sender.workspace]) for sender in SENDERS}


def _sender(sender: Sender, place: Workspace) -> Identity:
    mailbox = Mailbox.objects.filter(workspace=place, address=sender.address).first()
    if mailbox is not None:
        return mailbox.identity
    name = f"{sender.first_name} {sender.last_name}"
    moment = clock.now()
    identity = Identity.objects.create(
        workspace=place,
        user=User.objects.filter(email=sender.login).first(),
        first_name=sender.first_name,
        last_name=sender.last_name,
        job_title=sender.job_title,
        signature=f"{name}\n{sender.job_title}, {place.name}",
        created_at=moment,
    )
    Mailbox.objects.create(
        workspace=place,
        identity=identity,
        address=sender.address,
        uses_relay=True,
        created_at=moment,
    )
    return identity
