from dataclasses import dataclass
from typing import Any

import pytest

from accounts.models import Workspace
from core import operations
from core.access import Role
from core.actor import Actor
from core.outcomes import Effected
from core.schemas import validated
from crm.models import Company, Contact
from crm.schemas.contacts import UpdateContact
from crm.services.contacts import CONTACTS
from tests import factories


@dataclass
class Book:
    """A workspace's contacts as Rex, a reviewer, reads and changes them."""

    place: Workspace
    rex: Actor
    claude: Actor
    gil: Actor
    umbrella: Company
    ana: Contact

    def ask(self, name: str, actor: Actor | None = None, **data: Any) -> dict[str, Any]:
        """The public answer of a crm operation."""
        return operations.submit(actor or self.rex, operations.get(f"crm.contact.{name}"), data)

    def found(self, **data: Any) -> list[str]:
        """The mailbox names of the contacts a list answers, in its order."""
        contacts = self.ask("list", fields="summary", **data)["contacts"]
        return [contact["email"].partition("@")[0] for contact in contacts]

    def update(self, **properties: Any) -> Effected:
        """What the service itself answers to a change of Ana."""
        data = {"contact_id": str(self.ana.pk), "properties": properties}
        return CONTACTS.update(self.rex, validated(UpdateContact, data))

    def ana_now(self) -> Contact:
        """Ana as stored."""
        return Contact.objects.get(pk=self.ana.pk)


@pytest.fixture
def book(db: None) -> Book:
    place, elsewhere = factories.workspace(), factories.workspace("Globex")
    umbrella = factories.company(place)
    return Book(
        place=place,
        rex=factories.person(factories.member(place, "Rex", Role.REVIEWER)),
        claude=factories.app(factories.member(place, "Mia", Role.MEMBER)),
        gil=factories.person(factories.member(elsewhere, "Gil", Role.ADMIN)),
        umbrella=umbrella,
        ana=factories.contact(place, company=umbrella),
    )
