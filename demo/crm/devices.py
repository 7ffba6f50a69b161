"""What visitors hold in their hands, and what only pretends to visit."""

from random import Random
from typing import NamedTuple


class Device(NamedTuple):
    """Browser, system and kind of device as the tracker records them."""

    browser: str
    os: str
    device_type: str


_PEOPLE = (
    (Device("Chrome", "Windows", "Desktop"), 34),
    (Device("Edge", "Windows", "Desktop"), 16),
    (Device("Firefox", "Windows", "Desktop"), 6),
    (Device("Chrome", "macOS", "Desktop"), 11),
    (Device("Safari", "macOS", "Desktop"), 9),
    (Device("Firefox", "Linux", "Desktop"), 2),
    (Device("Safari", "iOS", "Mobile"), 10),
    (Device("Chrome", "Android", "Mobile"), 9),
    (Device("Samsung Internet", "Android", "Mobile"), 1),
    (Device("Safari", "iPadOS", "Tablet"), 2),
)
_BOTS = (
    (Device("Googlebot", "Linux", "Desktop"), 30),
    (Device("Bingbot", "Linux", "Desktop"), 18),
    (Device("GPTBot", "Linux", "Desktop"), 20),
    (Device("ClaudeBot", "Linux", "Desktop"), 12),
    (Device("AhrefsBot", "Linux", "Desktop"), 12),
    (Device("HeadlessChrome", "Linux", "Desktop"), 8),
)


def any_device(rng: Random) -> Device:
    """A person's device."""
    return rng.choices([device for device, _ in _PEOPLE], weights=[w for _, w in _PEOPLE])[0]


def any_bot(rng: Random) -> Device:
    """A crawler."""
    return rng.choices([device for device, _ in _BOTS], weights=[w for _, w in _BOTS])[0]
