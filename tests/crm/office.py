"""A workspace with its people and what they ask for; import the fixture `office` where needed."""

from dataclasses import dataclass
from typing import Any

import pytest

from accounts.models import Membership, Workspace
from approvals.models import Action
from core import operations
from core.access import Role
from core.actor import Actor
from core.operations import Request
from tests import factories

EXECUTING = factories.ALL_SCOPES


@dataclass
class Office:
    """Alice is admin, Rex reviews, Mia is a member with an app, Vic views."""

    place: Workspace
    alice: Membership
    rex: Membership
    mia: Membership
    vic: Membership

    @property
    def admin(self) -> Actor:
        return factories.person(self.alice)

    @property
    def reviewer(self) -> Actor:
        return factories.person(self.rex)

    @property
    def member(self) -> Actor:
        return factories.person(self.mia)

    @property
    def claude(self) -> Actor:
        """Mia's app, which may propose and nothing more."""
        return factories.app(self.mia)

    def stranger(self) -> Actor:
        """The admin of another workspace."""
        return factories.person(factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN))


@pytest.fixture
def office(db: None) -> Office:
    place = factories.workspace()
    return Office(
        place=place,
        alice=factories.member(place, "Alice", Role.ADMIN),
        rex=factories.member(place, "Rex", Role.REVIEWER),
        mia=factories.member(place, "Mia", Role.MEMBER),
        vic=factories.member(place, "Vic", Role.VIEWER),
    )


def ask(actor: Actor, name: str, /, *request: Request, **data: Any) -> dict[str, Any]:
    """Ask for an operation, with a request where it matters; returns the public answer."""
    return operations.submit(actor, operations.get(name), data, *request)


def decide(actor: Actor, verdict: str, action_id: str, **data: Any) -> dict[str, Any]:
    """Approve what is there now, reject, edit or undo an action."""
    if verdict == "approve":
        data["fingerprint"] = Action.objects.get(pk=action_id).fingerprint
    return ask(actor, f"approvals.action.{verdict}", action_id=action_id, **data)
