from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Membership, Workspace
from core import operations
from core.access import Role
from core.actor import Actor
from core.operations import Proposal, Request
from crm.models import Contact
from identities.models import Identity
from tests import factories, mail
from tests.mail import Sink


@dataclass
class Office:
    """A workspace with its people, one contact, one sender."""

    place: Workspace
    alice: Membership
    rex: Membership
    mia: Membership
    vic: Membership
    ana: Contact
    mailer: Identity

    @property
    def reviewer(self) -> Actor:
        return factories.person(self.rex)

    @property
    def claude(self) -> Actor:
        """Mia's app, which may propose and nothing more."""
        return factories.app(self.mia)

    def draft_mail(self, actor: Actor | None = None, **changes: Any) -> dict[str, Any]:
        """An e-mail to Ana, proposed; returns the answer."""
        request = changes.pop("request", {})
        params = {"contact_id": str(self.ana.pk), "subject": "Hello", "body": "Hi Ana!"}
        proposal = Proposal(
            identity_id=str(self.mailer.pk), scheduled_time=changes.pop("scheduled_time", None)
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


def make_office() -> Office:
    """A workspace, its people, one contact and one sender."""
    place = factories.workspace()
    return Office(
        place=place,
        alice=factories.member(place, "Alice", Role.ADMIN),
        rex=factories.member(place, "Rex", Role.REVIEWER),
        mia=factories.member(place, "Mia", Role.MEMBER),
        vic=factories.member(place, "Vic", Role.VIEWER),
        ana=factories.contact(place),
        mailer=factories.sender(place),
    )


@pytest.fixture
def office(db: None) -> Office:
    return make_office()


@pytest.fixture
def sink(tmp_path: Path, settings: Any) -> Iterator[Sink]:
    """A real SMTP receiver that every sender sends to; nothing is held for an undo."""
    with mail.running(tmp_path) as running:
        settings.SMTP_RELAY_URL = running.url
        settings.OUTBOUND_OPERATOR_ORIGINS = [running.url]
        settings.UNDO_WINDOW_SECONDS = 0
        settings.UNDO_WINDOW_CHAT_SECONDS = 0
        yield running


def decide(actor: Actor, verdict: str, action_id: str, **data: Any) -> dict[str, Any]:
    """Approve, reject, edit or undo an action."""
    op = operations.get(f"approvals.action.{verdict}")
    return operations.submit(actor, op, {"action_id": action_id, **data})


def approve(actor: Actor, action_id: str) -> dict[str, Any]:
    """Approve what is there now."""
    from approvals.models import Action

    shown = Action.objects.get(pk=action_id).fingerprint
    return decide(actor, "approve", action_id, fingerprint=shown)
