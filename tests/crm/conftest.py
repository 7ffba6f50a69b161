from typing import Any

import pytest

from core.actor import Actor
from core.outcomes import Effected
from core.schemas import validated
from crm.models import Contact
from crm.schemas.contacts import UpdateContact
from crm.services.contacts import CONTACTS
from tests import factories
from tests.crm.team import ask
from tests.team import Team


class Book(Team):
    """A workspace's contacts as Rex, who reviews, reads and changes them."""

    def ask(self, name: str, actor: Actor | None = None, **data: Any) -> dict[str, Any]:
        """The public answer of an operation on contacts."""
        return ask(actor or self.reviewer, f"crm.contact.{name}", **data)

    def found(self, **data: Any) -> list[str]:
        """The mailbox names of the contacts a list answers, in its order."""
        contacts = self.ask("list", fields="summary", **data)["contacts"]
        return [contact["email"].partition("@")[0] for contact in contacts]

    def update(self, **properties: Any) -> Effected:
        """The service's answer to a change of Ana."""
        data = {"contact_id": str(self.ana.pk), "properties": properties}
        return CONTACTS.update(self.reviewer, validated(UpdateContact, data))

    def ana_now(self) -> Contact:
        """Ana as stored."""
        return Contact.objects.get(pk=self.ana.pk)


@pytest.fixture
def book(db: None) -> Book:
    place = factories.workspace()
    ana = factories.contact(place, company=factories.company(place))
    return Book.at(place, "elsewhere", "gil", ana=ana)
