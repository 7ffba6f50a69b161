"""Requesters of a workspace besides its members: agents, keys, connected apps, by name.

Each owning app registers a source.
"""

from collections.abc import Callable

from core.hooks import Hook

# Takes the workspace's id; returns (id, words as in "asked for by the key Import").
SOURCES = Hook[Callable[[str], list[tuple[str, str]]]]()


def all_requesters(workspace_id: str) -> list[tuple[str, str]]:
    """All requesters of the workspace, with their labels."""
    return [found for source in SOURCES for found in source(workspace_id)]
