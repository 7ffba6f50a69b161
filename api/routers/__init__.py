"""Every route, one file a noun. A file of declarations ends in `ROUTES`; add it here."""

from api.route import Route
from api.routers import actions, contacts, identities

ROUTES: tuple[Route, ...] = (*contacts.ROUTES, *identities.ROUTES, *actions.ROUTES)
