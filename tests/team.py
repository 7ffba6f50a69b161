"""The workspace that tests work in: its people, and the contacts and senders a test names."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from accounts.models import Membership, Workspace
from approvals.cards import build
from approvals.cards.card import Card
from approvals.models import Action
from core import operations
from core.access import Role
from core.actor import Actor
from core.operations import Proposal, Request
from crm.models import Contact
from identities.models import Identity
from tests import factories


@dataclass
class Team:
    """Alice is admin, Rex reviews, Mia is a member with an app, Vic views.

    The other fields are made when `at` is given their names: Ada, a second admin; Ana, a contact;
    `mailer`, a sender with a mailbox; `sender`, one without; `gil`, the admin of another workspace,
    `elsewhere`, which has Bob, a contact.
    """

    place: Workspace
    alice: Membership
    rex: Membership
    mia: Membership
    vic: Membership
    ada: Membership = field(init=False, repr=False)
    ana: Contact = field(init=False, repr=False)
    mailer: Identity = field(init=False, repr=False)
    sender: Identity = field(init=False, repr=False)
    elsewhere: Workspace = field(init=False, repr=False)
    gil: Membership = field(init=False, repr=False)
    bob: Contact = field(init=False, repr=False)

    @classmethod
    def at(cls, place: Workspace, *names: str, **rows: Any) -> Self:
        """A workspace's people; the fields of these names are made, those of `rows` given."""
        team = cls(
            place=place,
            alice=factories.member(place, "Alice", Role.ADMIN),
            rex=factories.member(place, "Rex", Role.REVIEWER),
            mia=factories.member(place, "Mia", Role.MEMBER),
            vic=factories.member(place, "Vic", Role.VIEWER),
        )
        for name, row in rows.items():
            setattr(team, name, row)
        for name in names:
            setattr(team, name, _MAKERS[name](team))
        return team

    @property
    def admin(self) -> Actor:
        return factories.person(self.alice)

    @property
    def fresh_admin(self) -> Actor:
        """Alice, with a fresh login."""
        return self.admin.with_fresh_login()

    @property
    def reviewer(self) -> Actor:
        return factories.person(self.rex)

    @property
    def member(self) -> Actor:
        return factories.person(self.mia)

    @property
    def viewer(self) -> Actor:
        return factories.person(self.vic)

    @property
    def claude(self) -> Actor:
        """Mia's app, which may only propose."""
        return factories.app(self.mia)

    @property
    def foreign_admin(self) -> Actor:
        """Gil, with a fresh login."""
        return factories.person(self.gil).with_fresh_login()

    def admin_elsewhere(self) -> Actor:
        """The admin of another workspace, made now."""
        return factories.person(factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN))

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
        return build.card(self.reviewer, action_id)


_MAKERS: dict[str, Callable[[Team], Any]] = {
    "ada": lambda team: factories.member(team.place, "Ada", Role.ADMIN),
    "ana": lambda team: factories.contact(team.place),
    "mailer": lambda team: factories.sender(team.place),
    "sender": lambda team: Identity.objects.create(
        workspace=team.place,
        first_name="Mia",
        last_name="Moss",
        created_at=team.place.created_at,
    ),
    "elsewhere": lambda _: factories.workspace("Globex"),
    "gil": lambda team: factories.member(team.elsewhere, "Gil", Role.ADMIN),
    "bob": lambda team: factories.contact(team.elsewhere, "bob@elsewhere.example"),
}


def make_team() -> Team:
    """The workspace with Ana and a sender, whose mailbox uses the operator's mail server."""
    return Team.at(factories.workspace(), "ana", "mailer")


def decide(actor: Actor, verdict: str, action_id: str, **data: Any) -> dict[str, Any]:
    """Approve, reject, edit or undo an action."""
    op = operations.get(f"approvals.action.{verdict}")
    return operations.submit(actor, op, {"action_id": action_id, **data})


def approve(actor: Actor, action_id: str, **data: Any) -> dict[str, Any]:
    """Approve the current version."""
    shown = Action.objects.get(pk=action_id).fingerprint
    return decide(actor, "approve", action_id, fingerprint=shown, **data)
