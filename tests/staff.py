"""The people of a workspace, the same in every test; an office adds what else it needs."""

from dataclasses import dataclass
from typing import Any, Self

from accounts.models import Membership, Workspace
from core.access import Role
from core.actor import Actor
from tests import factories


@dataclass
class Staff:
    """Alice is admin, Rex reviews, Mia is a member with an app, Vic views."""

    place: Workspace
    alice: Membership
    rex: Membership
    mia: Membership
    vic: Membership

    @classmethod
    def at(cls, place: Workspace, **more: Any) -> Self:
        """The staff of a workspace; `more` are the fields a subclass adds."""
        return cls(
            place=place,
            alice=factories.member(place, "Alice", Role.ADMIN),
            rex=factories.member(place, "Rex", Role.REVIEWER),
            mia=factories.member(place, "Mia", Role.MEMBER),
            vic=factories.member(place, "Vic", Role.VIEWER),
            **more,
        )

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
