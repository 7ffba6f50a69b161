"""Settings, Connections: connected apps by person, and the button that ends one."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from accounts.saving import save
from core.access import Role
from oauth import resources
from oauth.services import connections


@never_cache
@require_safe
def list_connections(request: Request) -> HttpResponse:
    """The page: one's own connections; for an admin all of the workspace."""
    actor = request.actor
    return render(
        request,
        "oauth/connections.html",
        {
            "connections": connections.list_connections(actor),
            "sees_all": actor.has_role(Role.ADMIN),
            "viewer_id": actor.user_id,
            "mcp_url": resources.mcp(),
        },
    )


@require_POST
def revoke_connection(request: Request, connection_id: str) -> HttpResponse:
    """End one connection; a foreign one is not found."""
    done, to = "Connection revoked.", "oauth:connections"
    end = connections.revoke_connection
    return save(request, end, done=done, to=to, connection_id=connection_id)
