"""The tools in their public order, and who sees which.

A file of declarations ends in `TOOLS = (...)`; add it to `_FILES`. Tools appear in the order of
`ORDER`, whatever file they stand in; a name that is not in it does not start.
"""

from functools import lru_cache

from core.actor import Actor
from tools import (
    actions,
    agents,
    aggregate,
    batch,
    companies,
    contacts,
    events,
    history,
    identities,
    segments,
)
from tools.base import Tool

_FILES: tuple[tuple[Tool, ...], ...] = (
    contacts.TOOLS,
    history.TOOLS,
    companies.TOOLS,
    identities.TOOLS,
    agents.TOOLS,
    actions.TOOLS,
    events.TOOLS,
    segments.TOOLS,
    aggregate.TOOLS,
    batch.TOOLS,
)

ORDER = (
    "list_contacts",
    "get_contact",
    "create_contact",
    "update_contact",
    "get_contact_timeline",
    "get_contact_conversations",
    "list_contact_email_threads",
    "list_contact_notes",
    "create_contact_note",
    "update_contact_note",
    "delete_contact_note",
    "list_companies",
    "get_company",
    "create_company",
    "update_company",
    "list_company_notes",
    "create_company_note",
    "update_company_note",
    "delete_company_note",
    "list_identities",
    "get_identity",
    "start_linkedin_login",
    "get_linkedin_login_status",
    "submit_linkedin_code",
    "check_linkedin_connection",
    "list_agents",
    "get_agent",
    "update_agent",
    "trigger_agent",
    "list_agent_runs",
    "get_agent_run",
    "list_actions",
    "get_action",
    "create_action",
    "update_action",
    "approve_action",
    "reject_action",
    "list_events",
    "get_event",
    "get_event_types",
    "get_event_stats",
    "list_segments",
    "get_segment_members",
    "batch_get_details",
    "batch_get_activity",
    "aggregate_data",
    "review_pending_actions",
)


def in_order(tools: tuple[Tool, ...]) -> dict[str, Tool]:
    """The tools by name, in the public order; raises RuntimeError for a wrong or doubled name."""
    by_name = {tool.name: tool for tool in tools}
    strangers = by_name.keys() - set(ORDER)
    if strangers or len(by_name) != len(tools):
        raise RuntimeError(f"tools declared twice or not in ORDER: {sorted(strangers)}")
    return {name: by_name[name] for name in ORDER if name in by_name}


@lru_cache(maxsize=1)
def all_tools() -> dict[str, Tool]:
    """Every declared tool by name, in the public order."""
    return in_order(tuple(tool for file in _FILES for tool in file))


def visible_to(actor: Actor) -> tuple[Tool, ...]:
    """The tools this actor's scopes and role allow, in the public order."""
    return tuple(tool for tool in all_tools().values() if tool.is_visible_to(actor))


def find(actor: Actor, name: str) -> Tool | None:
    """The tool of this name, or None where there is none for the actor's role.

    A tool whose scope is missing is found: its call is answered with the scope that is needed.
    """
    tool = all_tools().get(name)
    return tool if tool is not None and actor.has_role(tool.role) else None
