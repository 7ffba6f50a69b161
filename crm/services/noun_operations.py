"""Create, update, delete and restore: declared together for contacts, companies and their notes."""

from typing import Any, TypeVar

from pydantic import BaseModel

from core.access import Role, Scope
from core.operations import Effect, Operation, declare
from core.outcomes import Effected

Create = TypeVar("Create", bound=BaseModel)
Update = TypeVar("Update", bound=BaseModel)
Chosen = TypeVar("Chosen", bound=BaseModel)
Facts = dict[str, Any]

_ADMINS: Facts = {"propose_role": Role.ADMIN, "run_role": Role.ADMIN, "idempotent": True}


class NounOperations:
    """A noun's four operations, which are methods of a subclass named by the verbs."""

    scope: Scope

    def operation(self, verb: str) -> str:
        """The name of the operation."""
        raise NotImplementedError

    def facts(self) -> tuple[Facts, Facts, Facts]:
        """Declarations of create, update and delete besides name, schema, scope and effect."""
        raise NotImplementedError

    def declare(
        self, *, create: type[Create], update: type[Update], chosen: type[Chosen]
    ) -> tuple[
        Operation[Create, Effected],
        Operation[Update, Effected],
        Operation[Chosen, Effected],
        Operation[Chosen, Effected],
    ]:
        """Declare create, update, delete and restore with this noun's schemas."""
        creates, updates, deletes = self.facts()
        return (
            self._declared("create", create, Effect.ADD, creates),
            self._declared("update", update, Effect.CHANGE, {**updates, "idempotent": True}),
            self._declared("delete", chosen, Effect.DELETE, {**deletes, "idempotent": True}),
            self._declared("restore", chosen, Effect.CHANGE, _ADMINS),
        )

    def _declared(
        self, verb: str, schema: type[Chosen], effect: Effect, facts: Facts
    ) -> Operation[Chosen, Effected]:
        name, function = self.operation(verb), getattr(self, verb)
        return declare(Operation(name, schema, function, (self.scope,), effect, **facts))
