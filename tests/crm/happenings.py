"""A workspace things happen in, and the ways to ask about them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import Membership, Workspace
from core import clock, operations
from core.access import Role
from core.actor import Actor
from crm.models import Contact, Event
from crm.services import rollups
from tests import factories


@dataclass
class Place:
    """A workspace with one member and one contact."""

    place: Workspace
    mia: Membership
    ana: Contact
    made: int = field(default=0)

    @property
    def actor(self) -> Actor:
        return factories.app(self.mia)

    def ask(self, name: str, actor: Actor | None = None, **data: Any) -> dict[str, Any]:
        """The answer of a crm operation, e.g. `event.list`."""
        return operations.submit(actor or self.actor, operations.get(f"crm.{name}"), data)

    def happens(self, name: str = "page_view", at: str | datetime = "", **facts: Any) -> Event:
        """Store an event; `at` is ISO 8601 in UTC, left out an hour ago."""
        moment = datetime.fromisoformat(at) if isinstance(at, str) and at else at
        moment = moment or clock.now() - timedelta(hours=1)
        assert isinstance(moment, datetime)
        return Event.objects.create(
            **{
                "workspace": self.place,
                "event": name,
                "timestamp": moment if moment.tzinfo else moment.replace(tzinfo=UTC),
                "source": "test",
                "created_at": clock.now(),
                **facts,
            }
        )

    def refresh(self) -> int:
        """Work the rollup out."""
        return rollups.refresh(Actor.for_job("crm.rollups", str(self.place.pk)))


def place(name: str = "Acme", time_zone: str = "UTC") -> Place:
    """A fresh workspace."""
    found = factories.workspace(name)
    found.time_zone = time_zone
    found.save()
    mia = factories.member(found, "Mia", Role.MEMBER)
    return Place(found, mia, factories.contact(found, f"ana@{name.lower()}.example"))
