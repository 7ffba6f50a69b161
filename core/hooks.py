"""Hooks: an upper app registers what a lower one calls (layers-2), in its `AppConfig.ready()`.

    ON_PAUSE = Hook[Callable[[Actor, Channel], None]]()   # in the lower app
    channels.ON_PAUSE.register(notify)                    # in the upper app
    for notify in ON_PAUSE: ...                           # where the lower app calls it

A test puts an empty Hook in its place.
"""

from collections.abc import Iterator
from typing import Generic, TypeVar

from core.errors import Unavailable

T = TypeVar("T")


class Hook(Generic[T]):
    """The registered entries, in order; a repeated entry is kept once."""

    def __init__(self) -> None:
        self._entries: list[T] = []

    def register(self, entry: T) -> None:
        """Add an entry; called when the project starts."""
        if entry not in self._entries:
            self._entries.append(entry)

    def __iter__(self) -> Iterator[T]:
        return iter(self._entries)


class Slot(Generic[T]):
    """The single required implementation of a protocol. `what` names it."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._entry: T | None = None

    def register(self, entry: T) -> None:
        """Install the implementation; called once when the project starts.

        Raises RuntimeError when there is one already.
        """
        if self._entry is not None:
            raise RuntimeError(f"two implementations of the {self._what}")
        self._entry = entry

    def get(self) -> T:
        """The implementation. Raises Unavailable when none is registered."""
        if self._entry is None:
            raise Unavailable(f"No {self._what} is registered; nothing was changed.")
        return self._entry
