"""Fills an installation: two workspaces, their people, Ana who is known and Bob who is not."""

from datetime import timedelta

from accounts.models import Membership, Workspace
from approvals.models import Action, PolicyVersion, Recipient
from core import clock
from core.access import Role
from crm.models import Contact
from tests import factories


def delivered(place: Workspace, contact: Contact, rex: Membership, days_ago: int = 0) -> None:
    """Rex approved a message to this contact before: the contact is a known recipient."""
    moment = clock.now() - timedelta(days=days_ago)
    action = Action.objects.create(
        workspace=place,
        type="email_message",
        params={"contact_id": str(contact.pk), "subject": "Welcome", "body": "Welcome!"},
        rendered={"envelope_to": [contact.email], "subject": "Welcome", "text": "Welcome!"},
        status="completed",
        fingerprint="0" * 32,
        contact=contact,
        requested_by=rex.user,
        requester_kind="person",
        requester_name="Rex",
        surface="dashboard",
        grant_role="reviewer",
        decided_by=rex.user,
        decided_at=moment,
        created_at=moment,
        updated_at=moment,
    )
    Recipient.objects.create(
        workspace=place, action=action, kind="to", address=contact.email, contact=contact
    )


def fill() -> dict[str, str]:
    """Make the rows; the ids of some."""
    acme, globex = factories.workspace("Acme"), factories.workspace("Globex")
    factories.member(acme, "Alice", Role.ADMIN)
    rex = factories.member(acme, "Rex", Role.REVIEWER)
    mia = factories.member(acme, "Mia", Role.MEMBER)
    factories.member(acme, "Vic", Role.VIEWER)
    factories.member(globex, "Gil", Role.ADMIN)
    ana = factories.contact(acme, "ana@umbrella.example", name="Ana Ng")
    bob = factories.contact(acme, "bob@initech.example", name="Bob Berg")
    dora = factories.contact(acme, "dora@cyberdyne.example", name="Dora Dahl")
    factories.event(ana, url="https://acme.example/pricing", path="/pricing")
    delivered(acme, ana, rex)
    PolicyVersion.objects.create(
        workspace=acme,
        number=1,
        cap_messages=100,  # many tests write to Ana
        what="more messages to one person",
        changed_by_name="Alice",
        at=clock.now(),
    )
    sender = factories.sender(acme, mia)
    hers = factories.contact(globex, "gina@hooli.example", name="Gina Hart")
    made = {"ana": ana, "bob": bob, "dora": dora, "gina": hers, "sender": sender}
    return {name: str(row.pk) for name, row in made.items()}
