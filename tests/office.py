"""An office that drafts: its people, one contact, one sender; the ledger's and the pages' tests."""

from dataclasses import dataclass
from typing import Any

from approvals.cards import Card
from approvals.models import Action
from approvals.queries import cards
from core import operations
from core.actor import Actor
from core.operations import Proposal, Request
from crm.models import Contact
from identities.models import Identity
from tests import factories
from tests.staff import Staff


@dataclass
class Office(Staff):
    """A workspace with its people, one contact, one sender; drafts come from Mia's app."""

    ana: Contact
    mailer: Identity

    def draft_mail(self, actor: Actor | None = None, **changes: Any) -> dict[str, Any]:
        """An e-mail to Ana, proposed; returns the answer."""
        request = changes.pop("request", {})
        params = {"contact_id": str(self.ana.pk), "subject": "Hello", "body": "Hi Ana!"}
        proposal = Proposal(
            identity_id=str(self.mailer.pk),
            description=changes.pop("description", ""),
            scheduled_time=changes.pop("scheduled_time", None),
        )
        return operations.submit(
            actor or self.claude,
            operations.get("approvals.email_message"),
            {**params, **changes},
            Request(proposal=proposal, **request),
        )

    def draft_change(self, actor: Actor | None = None, **properties: Any) -> dict[str, Any]:
        """A change of Ana, proposed; returns the answer."""
        return operations.submit(
            actor or self.claude,
            operations.get("crm.contact.update"),
            {"contact_id": str(self.ana.pk), "properties": properties or {"jobtitle": "CTO"}},
        )

    def mail(self, **changes: Any) -> str:
        """The id of a waiting e-mail to Ana."""
        return str(self.draft_mail(**changes)["action_id"])

    def change(self, **properties: Any) -> str:
        """The id of a waiting change of Ana."""
        return str(self.draft_change(**properties)["action_id"])

    def card(self, action_id: str) -> Card:
        """The card as Rex sees it."""
        return cards.card(self.reviewer, action_id)


def make_office() -> Office:
    """A workspace, its people, one contact and one sender."""
    place = factories.workspace()
    return Office.at(place, ana=factories.contact(place), mailer=factories.sender(place))


def decide(actor: Actor, verdict: str, action_id: str, **data: Any) -> dict[str, Any]:
    """Approve, reject, edit or undo an action."""
    op = operations.get(f"approvals.action.{verdict}")
    return operations.submit(actor, op, {"action_id": action_id, **data})


def approve(actor: Actor, action_id: str, **data: Any) -> dict[str, Any]:
    """Approve what is there now."""
    shown = Action.objects.get(pk=action_id).fingerprint
    return decide(actor, "approve", action_id, fingerprint=shown, **data)
