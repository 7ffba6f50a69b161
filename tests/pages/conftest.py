from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership, Workspace
from approvals.cards import Card
from approvals.queries import cards
from core import operations
from core.access import Role
from core.operations import Proposal, Request
from crm.models import Contact
from identities.models import Identity
from tests import factories


@dataclass
class Desk:
    """A workspace with its people, a contact and a sender; drafts come from Mia's app."""

    place: Workspace
    alice: Membership
    rex: Membership
    mia: Membership
    vic: Membership
    ana: Contact
    mailer: Identity

    def mail(self, **changes: Any) -> str:
        """The id of a waiting e-mail to Ana."""
        proposal = Proposal(
            identity_id=str(self.mailer.pk),
            description=changes.pop("description", ""),
            scheduled_time=changes.pop("scheduled_time", None),
        )
        params = {"contact_id": str(self.ana.pk), "subject": "Hello", "body": "Hi Ana!"}
        return self._draft("approvals.email_message", params | changes, Request(proposal=proposal))

    def change(self, **properties: Any) -> str:
        """The id of a waiting change of Ana."""
        values = properties or {"jobtitle": "CTO"}
        params = {"contact_id": str(self.ana.pk), "properties": values}
        return self._draft("crm.contact.update", params, Request())

    def card(self, action_id: str) -> Card:
        """The card as Rex sees it."""
        return cards.card(factories.person(self.rex), action_id)

    def _draft(self, name: str, params: dict[str, Any], request: Request) -> str:
        answer = operations.submit(factories.app(self.mia), operations.get(name), params, request)
        return str(answer["action_id"])


@pytest.fixture
def desk(db: None) -> Desk:
    place = factories.workspace()
    return Desk(
        place=place,
        alice=factories.member(place, "Alice", Role.ADMIN),
        rex=factories.member(place, "Rex", Role.REVIEWER),
        mia=factories.member(place, "Mia", Role.MEMBER),
        vic=factories.member(place, "Vic", Role.VIEWER),
        ana=factories.contact(place),
        mailer=factories.sender(place),
    )


Browser = Callable[[Membership], Client]


@pytest.fixture
def browser_of() -> Browser:
    """A logged-in client without JavaScript."""

    def make(membership: Membership, **facts: Any) -> Client:
        client = Client(headers={"host": "127.0.0.1"}, **facts)
        client.force_login(membership.user)
        return client

    return make
