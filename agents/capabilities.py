"""Capabilities: choices of what an agent may propose."""

from collections.abc import Iterable

# Each maps to the action types it allows.
CAPABILITIES: dict[str, tuple[str, ...]] = {
    "email": ("email_message",),
    "linkedin": ("linkedin_connection", "linkedin_message"),
    "notes": ("create_note",),
    "tasks": ("create_task", "escalate_to_human"),
    "crm_updates": ("update_contact", "update_company", "update_lifecycle_stage"),
    "crm_sync": ("sync_to_crm",),
}
LABELS: dict[str, str] = {
    "email": "E-mails",
    "linkedin": "LinkedIn messages and invitations",
    "notes": "Notes",
    "tasks": "Tasks and escalations to a person",
    "crm_updates": "Contact and company changes",
    "crm_sync": "HubSpot sync",
}
# Action types that need a sender.
SENDING = frozenset({"email", "linkedin"})


def action_types(capabilities: Iterable[str]) -> tuple[str, ...]:
    """The action types allowed by these capabilities, in the order of the table."""
    allowed = set(capabilities)
    return tuple(name for word, types in CAPABILITIES.items() if word in allowed for name in types)


def words_for(types: Iterable[str]) -> list[str]:
    """The capabilities that allow these action types."""
    wanted = set(types)
    return [word for word, allowed in CAPABILITIES.items() if wanted & set(allowed)]
