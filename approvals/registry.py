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
    """A type's public name, its operation, and for external ones who carries it out.

    `headline` is what a card says of a record change: {target} is the record's name, {fields} how
    many fields change.
    """

    name: str
    label: str
    operation: str
    executor: Executor | None = None
    creatable: bool = True
    headline: str = "Change {fields} of {target}"

    @property
    def declared(self) -> Operation:
        """The operation: its schema, effect, scopes and roles."""
        return operations.get(self.operation)


def _through_tools(name: str, label: str, operation: str, headline: str) -> ActionType:
    """A record change that has a tool or route of its own: create_action does not offer it."""
    return ActionType(name, label, operation, creatable=False, headline=headline)


_CHANGES = (
    ActionType("update_contact", "Contact change", "crm.contact.update"),
    ActionType("update_company", "Company change", "crm.company.update"),
    ActionType("create_note", "Note", "crm.note.create", headline="Add a note to {target}"),
    *(
        _through_tools(*facts)
        for facts in (
            ("create_contact", "New contact", "crm.contact.create", "Create the contact {target}"),
            (
                "identify_contact",
                "Contact identification",
                "crm.contact.identify",
                "Say who {target} is",
            ),
            ("create_company", "New company", "crm.company.create", "Create the company {target}"),
            (
                "update_contact_note",
                "Contact note edit",
                "crm.contact.note.update",
                "Edit a note on {target}",
            ),
            (
                "update_company_note",
                "Company note edit",
                "crm.company.note.update",
                "Edit a note on {target}",
            ),
            (
                "delete_contact_note",
                "Contact note deletion",
                "crm.contact.note.delete",
                "Delete a note on {target}",
            ),
            (
                "delete_company_note",
                "Company note deletion",
                "crm.company.note.delete",
                "Delete a note on {target}",
            ),
            (
                "delete_contact",
                "Contact deletion",
                "crm.contact.delete",
                "Delete the contact {target}",
            ),
            (
                "delete_company",
                "Company deletion",
                "crm.company.delete",
                "Delete the company {target}",
            ),
        )
    ),
)
TYPES: dict[str, ActionType] = {
    known.name: known
    for known in (
        ActionType(
            "email_message",
            "E-mail",
            "approvals.email_message",
            EmailExecutor(),
            headline="E-mail to {target}",
        ),
        *_CHANGES,
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
