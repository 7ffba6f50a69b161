"""Senders."""

from api.route import Route

ROUTES = (
    Route(
        "GET",
        "/identities",
        "identities.identity.list",
        "List senders",
        example={"channel": "email"},
    ),
)
