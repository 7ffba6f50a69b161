"""All action types (operations-3). To add one, add a line here, and for an external one an executor
in identities/providers/.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from core import operations
from core.access import Role, Scope
from core.errors import ValidationFailed
from core.operations import Effect, Operation
from core.outcomes import Effected
from core.schemas import nearest
from identities.providers.contract import Executor
from identities.providers.email.executor import EmailExecutor
from identities.providers.email.schemas import EmailMessage
from identities.providers.hubspot.executor import HubspotExecutor
from identities.providers.hubspot.schemas import SyncToCrm
from identities.providers.linkedin.executor import (
    LinkedinConnectionExecutor,
    LinkedinMessageExecutor,
)
from identities.providers.linkedin.schemas import LinkedinConnection, LinkedinMessage
from identities.providers.mcp.executor import McpToolExecutor
from identities.providers.mcp.schemas import McpToolCall
from identities.providers.resend.executor import (
    ResendBroadcastExecutor,
    ResendContactExecutor,
    ResendEmailExecutor,
    audience_of,
)
from identities.providers.resend.schemas import (
    ResendCreateBroadcast,
    ResendCreateContact,
    ResendSendEmail,
)
from identities.providers.slack.executor import SlackExecutor
from identities.providers.slack.schemas import SendSlackMessage


@dataclass(frozen=True, slots=True)
class ActionType:
    """A type's public name, its operation, and for external ones the executor.

    `headline` is the title of its card: {target} is the record's name or the recipient, {fields}
    the number of changed fields. With `needs_fresh_login` approving it needs a fresh login.
    `audience` counts the people it reaches without listed recipients: it calls the provider with
    the workspace's id and the stored message; raises NotDone.
    """

    name: str
    label: str
    operation: str
    executor: Executor | None = None
    creatable: bool = True
    headline: str = "Change {fields} of {target}"
    needs_fresh_login: bool = False
    audience: Callable[[str, dict[str, Any]], int] | None = None

    @property
    def declared(self) -> Operation[Any, Effected]:
        """The operation: its schema, effect, scopes and roles."""
        return operations.get(self.operation)

    @property
    def needs_identity(self) -> bool:
        """Whether it goes out in a sender's name."""
        return self.executor is not None and self.executor.needs_identity


def _through_tools(name: str, label: str, operation: str, headline: str) -> ActionType:
    """A record change with its own tool or route: create_action does not offer it."""
    return ActionType(name, label, operation, creatable=False, headline=headline)


_CHANGES = (
    ActionType("update_contact", "Contact change", "crm.contact.update"),
    ActionType("update_company", "Company change", "crm.company.update"),
    ActionType("create_note", "Note", "crm.note.create", headline="Add a note to {target}"),
    ActionType("create_task", "Task", "crm.task.create", headline="Add a task about {target}"),
    ActionType(
        "update_lifecycle_stage",
        "Lifecycle stage",
        "crm.contact.stage.update",
        headline="Change the lifecycle stage of {target}",
    ),
    ActionType(
        "escalate_to_human",
        "Escalation",
        "crm.contact.escalate",
        headline="Escalate {target} to a person",
    ),
    *(
        _through_tools(*facts)
        for facts in (
            ("create_contact", "New contact", "crm.contact.create", "Create the contact {target}"),
            (
                "identify_contact",
                "Contact identification",
                "crm.contact.identify",
                "Identify {target}",
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
            (
                "update_agent",
                "Agent change",
                "agents.agent.update",
                "Change {fields} of the agent {target}",
            ),
        )
    ),
)


def _sent(
    name: str, label: str, schema: type[BaseModel], executor: Executor, headline: str, **facts: Any
) -> ActionType:
    """An external type and its operation, run by an executor.

    `red` are the reasons why every one is high risk and needs confirmation (policy-5).
    """
    red: tuple[str, ...] = facts.pop("red", ())
    operations.declare(
        Operation(
            f"approvals.{name}",
            schema,
            None,
            (Scope.ACTIONS_WRITE,),
            Effect.SEND,
            gated=True,
            open_world=True,
            propose_role=Role.MEMBER,
            run_role=Role.REVIEWER,
            sensitive=lambda _: list(red),
        )
    )
    return ActionType(name, label, f"approvals.{name}", executor, headline=headline, **facts)


# Adding an external type is one entry here and one executor in identities/providers/.
_SENDS = (
    _sent("email_message", "E-mail", EmailMessage, EmailExecutor(), "E-mail to {target}"),
    _sent(
        "send_slack_message",
        "Slack",
        SendSlackMessage,
        SlackExecutor(),
        "Slack message to {target}",
    ),
    _sent(
        "linkedin_connection",
        "LinkedIn invitation",
        LinkedinConnection,
        LinkedinConnectionExecutor(),
        "LinkedIn invitation to {target}",
    ),
    _sent(
        "linkedin_message",
        "LinkedIn message",
        LinkedinMessage,
        LinkedinMessageExecutor(),
        "LinkedIn message to {target}",
    ),
    _sent(
        "resend_send_email",
        "E-mail by Resend",
        ResendSendEmail,
        ResendEmailExecutor(),
        "E-mail by Resend to {target}",
    ),
    _sent(
        "resend_create_contact",
        "Resend contact",
        ResendCreateContact,
        ResendContactExecutor(),
        "Add {target} in Resend",
    ),
    _sent(
        "resend_create_broadcast",
        "Broadcast",
        ResendCreateBroadcast,
        ResendBroadcastExecutor(),
        "Broadcast to {target}",
        red=("goes to a whole segment",),
        needs_fresh_login=True,
        audience=audience_of,
    ),
    _sent(
        "sync_to_crm",
        "HubSpot",
        SyncToCrm,
        HubspotExecutor(),
        "Sync {target}",
        red=("reads or writes another system",),
    ),
    _sent(
        "mcp_tool_call",
        "External tool",
        McpToolCall,
        McpToolExecutor(),
        "Call {target}",
        red=("runs an external tool",),
    ),
)
TYPES: dict[str, ActionType] = {known.name: known for known in (*_SENDS, *_CHANGES)}


def of_operation(name: str) -> ActionType:
    """The type that parks an operation; a gated operation without one is a programming error."""
    return next(known for known in TYPES.values() if known.operation == name)


def creatable(name: str) -> ActionType:
    """The type of this public name; raises ValidationFailed naming the valid ones."""
    return named(name, [known.name for known in TYPES.values() if known.creatable])


def labels() -> dict[str, str]:
    """The display name of each type."""
    return {known.name: known.label for known in TYPES.values()}


def named(name: str, among: list[str] | None = None) -> ActionType:
    """The type of this public name; raises ValidationFailed naming the valid ones."""
    names = sorted(among or TYPES)
    if name not in names:
        raise ValidationFailed(
            "Unknown action type.",
            field="type",
            valid_values=names,
            did_you_mean=nearest(name, names),
        )
    return TYPES[name]
