"""Panels of a contact's page that upper apps fill: the ledger's last actions (rules 2)."""

from typing import Any, Protocol

from core.access import Scope
from core.actor import Actor


class ContactPanel(Protocol):
    """Adds keys to `ContactDetails` for actors that hold `scope`."""

    scope: Scope
    keys: tuple[str, ...]

    def __call__(self, actor: Actor, contact_id: str) -> dict[str, Any]:
        """The values of the panel's keys."""
        ...


_panels: list[ContactPanel] = []


def register(panel: ContactPanel) -> None:
    """Called once by the app that owns the panel, when the project starts."""
    if panel not in _panels:
        _panels.append(panel)


def fill(actor: Actor, contact_id: str) -> dict[str, Any]:
    """The keys of every panel the actor may see, and the names of those he may not."""
    allowed = [panel for panel in _panels if actor.has_scope(panel.scope)]
    hidden = [key for panel in _panels if panel not in allowed for key in panel.keys]
    values: dict[str, Any] = {"omitted_for_scope": hidden} if hidden else {}
    for panel in allowed:
        values |= panel(actor, contact_id)
    return values
