"""Other ways than mail on which notices reach people (attention-4).

An app that has one registers it. What a carrier gets says count, type, age and links: names and
texts stay out of it, as they do in mail.
"""

from dataclasses import dataclass
from typing import Protocol

from core.hooks import Hook


@dataclass(frozen=True, slots=True)
class Digest:
    """What a person is told at once: a heading; for each matter our words and a page of ours."""

    heading: str
    entries: list[tuple[str, str]]


class NotDelivered(Exception):
    """It will not go this way: the place is gone or closed, so mail takes it."""


class NotificationChannel(Protocol):
    """One way. `name` stands before the place in what a member chose."""

    name: str

    def places(self, workspace_id: str) -> list[tuple[str, str]]:
        """Where notices may go in this workspace: (id, words)."""
        ...

    def carry(self, workspace_id: str, place: str, told: Digest) -> None:
        """Bring it there; raises NotCarried, and AppError when it may work later."""
        ...


CHANNELS = Hook[NotificationChannel]()


def places(workspace_id: str) -> list[tuple[str, str]]:
    """All places of all carriers: (carrier:id, words)."""
    return [
        (f"{carrier.name}:{place}", words)
        for carrier in CHANNELS
        for place, words in carrier.places(workspace_id)
    ]


def deliver(workspace_id: str, chosen: str, told: Digest) -> None:
    """Bring it where a member chose; raises as Carrier.carry does."""
    name, _, place = chosen.partition(":")
    carrier = next((known for known in CHANNELS if known.name == name), None)
    if carrier is None or place not in dict(carrier.places(workspace_id)):
        raise NotDelivered
    carrier.carry(workspace_id, place, told)
