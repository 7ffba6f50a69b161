from api.route import Route
from identities.providers.linkedin.login.schemas import Credentials
from identities.providers.linkedin.login.steps import log_in_at_once

_IDENTITY = {"identity_id": "id_01jd0000000000000000000000"}
_LOGIN = {**_IDENTITY, "session_id": "job_01jd0000000000000000000000"}
_SESSION = {"session_id": "job_id"}
_STATUS = "/identities/{identity_id}/linkedin/status/{session_id}"
_POLL = f"GET /v1{_STATUS}"

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
    Route(
        "POST",
        "/identities/{identity_id}/linkedin/login",
        "identities.linkedin.start",
        "Start a LinkedIn login",
        example={
            **_IDENTITY,
            "country": "DE",
            "username": "mia@mail.example",
            "password": "or neither: the answer then has a login_url",
        },
        beside=Credentials,
        then=log_in_at_once,
        poll_with=_POLL,
    ),
    Route(
        "GET",
        _STATUS,
        "identities.linkedin.status",
        "Get a LinkedIn login's status",
        example=_LOGIN,
        renamed=_SESSION,
        poll_with=_POLL,
    ),
    Route(
        "POST",
        "/identities/{identity_id}/linkedin/code/{session_id}",
        "identities.linkedin.submit_code",
        "Submit a LinkedIn code",
        example={**_LOGIN, "code": "246810"},
        renamed=_SESSION,
        poll_with=_POLL,
    ),
    Route(
        "GET",
        "/identities/{identity_id}/linkedin/check",
        "identities.linkedin.check",
        "Check a LinkedIn connection",
        example=_IDENTITY,
    ),
)
