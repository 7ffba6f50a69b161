"""The tools in their public order, and their visibility.

A file of declarations ends in `TOOLS = (...)`; add it to `_IN_ORDER`, where its tools belong.
"""

from functools import lru_cache

from core.actor import Actor
from tools import actions, agents, aggregate, batch, events, history, identities, records, segments
from tools.base import Tool

_IN_ORDER = (
    *records.CONTACTS,
    *history.TOOLS,
    *records.CONTACT_NOTES,
    *records.COMPANIES,
    *records.COMPANY_NOTES,
    *identities.TOOLS,
    *agents.TOOLS,
    *actions.TOOLS,
    *events.TOOLS,
    *segments.TOOLS,
    *batch.TOOLS,
    *aggregate.TOOLS,
    *actions.REVIEW,
)


def by_name(tools: tuple[Tool, ...]) -> dict[str, Tool]:
    """The tools by name, in their order; raises RuntimeError for a duplicate name."""
    found = {tool.name: tool for tool in tools}
    if len(found) != len(tools):
        raise RuntimeError("a tool is declared twice")
    return found


@lru_cache(maxsize=1)
def all_tools() -> dict[str, Tool]:
    """Every declared tool by name, in the public order."""
    return by_name(_IN_ORDER)


def visible_to(actor: Actor) -> tuple[Tool, ...]:
    """The tools this actor's scopes and role allow, in the public order."""
    return tuple(tool for tool in all_tools().values() if tool.is_visible_to(actor))


def find(actor: Actor, name: str) -> Tool | None:
    """The tool of this name, or None if the actor's role has none.

    A tool whose scope is missing is found: the answer to its call names the scope.
    """
    tool = all_tools().get(name)
    return tool if tool is not None and actor.has_role(tool.role) else None
