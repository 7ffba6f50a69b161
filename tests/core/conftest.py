from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from core import operations
from core.access import Scope
from core.actor import Actor
from core.audit import record
from core.operations import Effect, Operation, Request
from core.outcomes import Effected
from core.schemas import Arguments, Line
from crm.models import Contact
from tests import factories
from tests.team import Team


@pytest.fixture
def team(db: None) -> Team:
    return Team.at(factories.workspace(), "ana", "elsewhere", "gil")


def note(team: Team, actor: Actor | None = None, content: str = "Hi", **request: Any) -> Any:
    """A note on Ana, through the operation every surface calls."""
    return operations.submit(
        actor or team.claude,
        operations.get("crm.contact.note.create"),
        {"contact_id": str(team.ana.pk), "content": content},
        Request(**request),
    )


class RenameArguments(Arguments):
    """Ana's new name."""

    contact_id: Line
    secret: Line = ""
    fail: bool = False


@dataclass
class Bench:
    """Operations of a test, unregistered after it."""

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
