"""What an agent may be allowed to propose, in words people choose from."""

from collections.abc import Iterable

# Each stands for the action types it lets an agent propose.
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
# What needs a sender.
SENDING = frozenset({"email", "linkedin"})


def action_types(capabilities: Iterable[str]) -> tuple[str, ...]:
    """The action types these allow, in the order of the table."""
    allowed = set(capabilities)
    return tuple(name for word, types in CAPABILITIES.items() if word in allowed for name in types)


def words_for(types: Iterable[str]) -> list[str]:
    """The words that allow these action types."""
    wanted = set(types)
    return [word for word, allowed in CAPABILITIES.items() if wanted & set(allowed)]
