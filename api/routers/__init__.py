"""Every route, one file per noun. A file of declarations ends in `ROUTES`; add it here."""

from api.route import Route
from api.routers import (
    actions,
    agents,
    attention,
    events,
    identify,
    identities,
    jobs,
    records,
    reports,
    segments,
)

ROUTES: tuple[Route, ...] = (
    *records.ROUTES,
    *identities.ROUTES,
    *jobs.ROUTES,
    *actions.ROUTES,
    *agents.ROUTES,
    *attention.ROUTES,
    *events.ROUTES,
    *identify.ROUTES,
    *segments.ROUTES,
    *reports.ROUTES,
)
