"""Every action type, once (rules 1). Adding one is a line here; an external one also is a file in
executors/.
"""

from dataclasses import dataclass

from approvals.executors.base import Executor
from approvals.executors.email_message import EmailExecutor
from approvals.schemas.messages import EmailMessage
from core import operations
from core.access import Role, Scope
from core.errors import ValidationFailed
from core.operations import Effect, Operation
from core.schemas import nearest


@dataclass(frozen=True, slots=True)
class ActionType:
    """A type's public name, its operation, and for external ones who carries it out."""

    name: str
    label: str
    operation: str
    executor: Executor | None = None
    creatable: bool = True

    @property
    def declared(self) -> Operation:
        """The operation: its schema, effect, scopes and roles."""
        return operations.get(self.operation)


TYPES: dict[str, ActionType] = {
    known.name: known
    for known in (
        ActionType("email_message", "E-mail", "approvals.email_message", EmailExecutor()),
        ActionType("update_contact", "Contact change", "crm.contact.update"),
    )
}

operations.declare(
    Operation(
        "approvals.email_message",
        EmailMessage,
        None,
        (Scope.ACTIONS_WRITE,),
        Effect.SEND,
        gated=True,
        open_world=True,
        propose_role=Role.MEMBER,
        run_role=Role.REVIEWER,
    )
)


def of_operation(name: str) -> ActionType:
    """The type that parks an operation; a gated operation without one is a programming error."""
    return next(known for known in TYPES.values() if known.operation == name)


def creatable(name: str) -> ActionType:
    """The type of this public name; raises ValidationFailed naming the valid ones."""
    return named(name, [known.name for known in TYPES.values() if known.creatable])


def named(name: str, among: list[str] | None = None) -> ActionType:
    """The type of this public name; raises ValidationFailed naming the valid ones."""
    names = sorted(among or TYPES)
    if name not in names:
        raise ValidationFailed(
            "This is no action type.",
            field="type",
            valid_values=names,
            did_you_mean=nearest(name, names),
        )
    return TYPES[name]
