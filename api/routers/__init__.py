"""Every route, one file a noun. A file of declarations ends in `ROUTES`; add it here."""

from api.route import Route
from api.routers import (
    actions,
    agents,
    attention,
    companies,
    contacts,
    events,
    identify,
    identities,
    reports,
    segments,
)

ROUTES: tuple[Route, ...] = (
    *contacts.ROUTES,
    *companies.ROUTES,
    *identities.ROUTES,
    *actions.ROUTES,
    *agents.ROUTES,
    *attention.ROUTES,
    *events.ROUTES,
    *identify.ROUTES,
    *segments.ROUTES,
    *reports.ROUTES,
)
