"""Senders."""

from api.route import Route

_IDENTITY = {"identity_id": "id_01jd0000000000000000000000"}

ROUTES = (
    Route(
        "GET",
        "/identities",
        "identities.identity.list",
        "List senders",
        example={"channel": "email"},
    ),
    Route(
        "POST",
        "/identities",
        "identities.identity.create",
        "Add a sender",
        example={"firstName": "Mia", "lastName": "Moss", "role": "Account Manager"},
    ),
    Route(
        "GET",
        "/identities/{identity_id}",
        "identities.identity.get",
        "Get a sender",
        example=_IDENTITY,
    ),
    Route(
        "PUT",
        "/identities/{identity_id}",
        "identities.identity.update",
        "Change a sender",
        example={**_IDENTITY, "jobTitle": "Head of Sales"},
    ),
    Route(
        "DELETE",
        "/identities/{identity_id}",
        "identities.identity.delete",
        "Remove a sender",
        example=_IDENTITY,
    ),
)
