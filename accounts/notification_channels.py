"""Notification channels other than mail (attention-4).

An app that has one registers it. A channel gets count, type, age and links; no names and texts, as
in mail.
"""

from dataclasses import dataclass
from typing import Protocol

from core.hooks import Hook


@dataclass(frozen=True, slots=True)
class Digest:
    """One digest of a person: a heading; for each occasion our text and a link."""

    heading: str
    entries: list[tuple[str, str]]


class NotDelivered(Exception):
    """This channel cannot deliver: its place was deleted or closed, so it is mailed."""


class NotificationChannel(Protocol):
    """One notification channel. `name` is the prefix of a chosen place."""

    name: str

    def places(self, workspace_id: str) -> list[tuple[str, str]]:
        """The places for notices in this workspace: (id, label)."""
        ...

    def carry(self, workspace_id: str, place: str, told: Digest) -> None:
        """Deliver it there; raises NotDelivered, and AppError when it may work later."""
        ...


CHANNELS = Hook[NotificationChannel]()


def places(workspace_id: str) -> list[tuple[str, str]]:
    """All places of all channels: (channel:id, label)."""
    return [
        (f"{carrier.name}:{place}", words)
        for carrier in CHANNELS
        for place, words in carrier.places(workspace_id)
    ]


def deliver(workspace_id: str, chosen: str, told: Digest) -> None:
    """Deliver to a member's chosen place; raises as NotificationChannel.carry does."""
    name, _, place = chosen.partition(":")
    carrier = next((known for known in CHANNELS if known.name == name), None)
    if carrier is None or place not in dict(carrier.places(workspace_id)):
        raise NotDelivered
    carrier.carry(workspace_id, place, told)
