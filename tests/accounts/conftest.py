from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Membership, Workspace
from core.access import Role
from core.actor import Actor
from tests import factories, mail
from tests.mail import Sink


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


@pytest.fixture
def sink(tmp_path: Path, settings: Any) -> Iterator[Sink]:
    """The system's mail server: a real receiver."""
    with mail.running(tmp_path) as running:
        settings.EMAIL_BACKEND = "core.system_mail.PinnedBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.OUTBOUND_OPERATOR_ORIGINS = [running.url]
        yield running
