from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from core import operations
from core.access import Role, Scope
from core.actor import Actor
from core.audit import record
from core.operations import Effect, Operation, Request
from core.outcomes import Effected
from core.schemas import Arguments, Line
from crm.models import Contact
from tests import factories


@dataclass
class Desk:
    """A workspace with its people and one contact."""

    alice: Actor
    mia: Actor
    vic: Actor
    claude: Actor
    gil: Actor
    ana: Contact

    def note(self, actor: Actor | None = None, content: str = "Hi", **wishes: Any) -> Any:
        """A note on Ana, through the door every surface uses."""
        return operations.submit(
            actor or self.claude,
            operations.get("crm.contact.note.create"),
            {"contact_id": str(self.ana.pk), "content": content},
            Request(**wishes),
        )


@pytest.fixture
def desk(db: None) -> Desk:
    place, elsewhere = factories.workspace(), factories.workspace("Globex")
    mia = factories.member(place, "Mia", Role.MEMBER)
    return Desk(
        alice=factories.person(factories.member(place, "Alice", Role.ADMIN)),
        mia=factories.person(mia),
        vic=factories.person(factories.member(place, "Vic", Role.VIEWER)),
        claude=factories.app(mia),
        gil=factories.person(factories.member(elsewhere, "Gil", Role.ADMIN)),
        ana=factories.contact(place),
    )


class RenameArguments(Arguments):
    """What to call Ana."""

    contact_id: Line
    secret: Line = ""
    fail: bool = False


@dataclass
class Bench:
    """Operations of a test, gone with it."""

    calls: list[str] = field(default_factory=list)

    def declare(self, **facts: Any) -> Operation:
        """An operation that renames Ana, writes its own audit row, and fails when asked to."""

        def rename(actor: Actor, data: RenameArguments) -> Effected:
            self.calls.append(data.contact_id)
            Contact.objects.visible_to(actor).filter(pk=data.contact_id).update(firstname="New")
            record(actor, "test.inner")
            if data.fail:
                raise RuntimeError("failed half-way")
            return Effected(resource={"contact_id": data.contact_id})

        kind = {"effect": Effect.CHANGE, "scopes": (Scope.CONTACTS_WRITE,)} | facts
        return operations.declare(
            Operation(name="test.rename", schema=RenameArguments, function=rename, **kind)
        )


@pytest.fixture
def bench() -> Iterator[Bench]:
    kept = dict(operations._registry)
    yield Bench()
    operations._registry.clear()
    operations._registry.update(kept)
