"""The demo's chance: repeatable, never the process's own."""

from random import Random


def stream(key: str) -> Random:
    """A stream of chance that is the same for the same key."""
    return Random(key)  # noqa: S311 - made-up data has to be the same at every run
