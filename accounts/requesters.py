"""What asks for things in a workspace beside its people: agents, keys, connected apps, by name.

The apps that own them register a source each.
"""

from collections.abc import Callable

# Takes the workspace's id; returns (id, words as in "asked for by the key Import").
Source = Callable[[str], list[tuple[str, str]]]

_sources: list[Source] = []


def register(source: Source) -> None:
    """Called when the project starts by each app that has something that asks."""
    if source not in _sources:
        _sources.append(source)


def all_requesters(workspace_id: str) -> list[tuple[str, str]]:
    """Everything in the workspace that asks, with its words."""
    return [found for source in _sources for found in source(workspace_id)]
