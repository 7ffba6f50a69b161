"""Whether the API answers, and the caller of a key."""

from django.http import HttpRequest, HttpResponse

from accounts.services.api_keys import Caller
from api import envelope
from core import clock


def health(request: HttpRequest) -> HttpResponse:
    """200 while the API answers; /health/ready checks its dependencies."""
    return envelope.as_response({"status": "success", "health": "ok"})


def auth_status(request: HttpRequest) -> HttpResponse:
    """The key's member, workspace, role and scopes."""
    caller: Caller = request.auth  # type: ignore[attr-defined] # set by Ninja
    actor = caller.actor
    expires_at = caller.expires_at
    body = {
        "status": "success",
        "user": {"_id": actor.user_id, "user_id": actor.user_id, "name": actor.name},
        "workspace": {
            "_id": actor.workspace_id,
            "workspace_id": actor.workspace_id,
            "name": caller.workspace,
        },
        "auth_type": "api_key",
        "key_id": caller.key_id,
        "key_name": caller.key_name,
        "role": actor.role,
        "scopes": sorted(actor.scopes or ()),
        "expires_at": clock.iso(expires_at) if expires_at else None,
    }
    return envelope.as_response(body)
