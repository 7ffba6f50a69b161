"""Panels of a contact's or company's page that upper apps fill: the ledger's part (layers-2)."""

from collections.abc import Iterable
from typing import Any, Protocol

from core.access import Scope
from core.actor import Actor


class Panel(Protocol):
    """Adds keys to `ContactDetails` or `CompanyDetails` for actors that hold `scope`."""

    scope: Scope
    keys: tuple[str, ...]

    def __call__(self, actor: Actor, record_id: str) -> dict[str, Any]:
        """The values of the panel's keys."""
        ...


_of_contacts: list[Panel] = []
_of_companies: list[Panel] = []


def register(panel: Panel) -> None:
    """Add a panel to contacts; called once by the app that owns it, when the project starts."""
    if panel not in _of_contacts:
        _of_contacts.append(panel)


def register_for_companies(panel: Panel) -> None:
    """The same for companies."""
    if panel not in _of_companies:
        _of_companies.append(panel)


def panel_values(actor: Actor, contact_id: str) -> dict[str, Any]:
    """The keys of every contact panel the actor may see, and the names of those he may not."""
    return _filled(_of_contacts, actor, contact_id)


def fill_company(actor: Actor, company_id: str) -> dict[str, Any]:
    """The same for a company."""
    return _filled(_of_companies, actor, company_id)


def _filled(panels: Iterable[Panel], actor: Actor, record_id: str) -> dict[str, Any]:
    allowed = [panel for panel in panels if actor.has_scope(panel.scope)]
    hidden = [key for panel in panels if panel not in allowed for key in panel.keys]
    values: dict[str, Any] = {"omitted_for_scope": hidden} if hidden else {}
    for panel in allowed:
        values |= panel(actor, record_id)
    return values
