"""Panels of a contact's or company's page that upper apps fill: the ledger's part (layers-2)."""

from collections.abc import Iterable
from typing import Any, Protocol

from core.access import Scope
from core.actor import Actor
from core.hooks import Hook


class Panel(Protocol):
    """Adds keys to `ContactDetails` or `CompanyDetails` for actors that hold `scope`."""

    scope: Scope
    keys: tuple[str, ...]

    def __call__(self, actor: Actor, record_id: str) -> dict[str, Any]:
        """The values of the panel's keys."""
        ...


CONTACT_PANELS = Hook[Panel]()
COMPANY_PANELS = Hook[Panel]()


def panel_values(actor: Actor, contact_id: str) -> dict[str, Any]:
    """The keys of every contact panel the actor may see, and the names of those they may not."""
    return _filled(CONTACT_PANELS, actor, contact_id)


def fill_company(actor: Actor, company_id: str) -> dict[str, Any]:
    """The same for a company."""
    return _filled(COMPANY_PANELS, actor, company_id)


def _filled(panels: Iterable[Panel], actor: Actor, record_id: str) -> dict[str, Any]:
    allowed = [panel for panel in panels if actor.has_scope(panel.scope)]
    hidden = [key for panel in panels if panel not in allowed for key in panel.keys]
    values: dict[str, Any] = {"omitted_for_scope": hidden} if hidden else {}
    for panel in allowed:
        values |= panel(actor, record_id)
    return values
