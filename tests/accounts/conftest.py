from dataclasses import dataclass

import pytest

from accounts.models import Membership, Workspace
from core.access import Role
from core.actor import Actor
from tests import factories


@dataclass
class House:
    """Two workspaces: Alice's with Mia, a member, and Gil's."""

    place: Workspace
    elsewhere: Workspace
    alice: Membership
    mia: Membership
    gil: Membership

    @property
    def admin(self) -> Actor:
        return factories.person(self.alice)

    @property
    def foreign_admin(self) -> Actor:
        return factories.person(self.gil)


@pytest.fixture
def house(db: None) -> House:
    place, elsewhere = factories.workspace(), factories.workspace("Globex")
    return House(
        place=place,
        elsewhere=elsewhere,
        alice=factories.member(place, "Alice", Role.ADMIN),
        mia=factories.member(place, "Mia", Role.MEMBER),
        gil=factories.member(elsewhere, "Gil", Role.ADMIN),
    )
