"""Redirect hosts outside OAUTH_REDIRECT_HOSTS: an admin allows one once for the workspace."""

from accounts.models import Membership
from core import audit
from core.access import Role
from core.actor import Actor
from core.db import unit
from core.errors import Forbidden
from oauth.models import RedirectHostPermission
from oauth.redirects import Destination


def is_allowed(destination: Destination, workspace_id: str) -> bool:
    """Whether apps at this host may connect to the workspace."""
    return (
        destination.is_listed
        or RedirectHostPermission.objects.filter(
            workspace_id=workspace_id, host=destination.host
        ).exists()
    )


def allow(actor: Actor, membership: Membership, destination: Destination) -> None:
    """Store an admin's permission; idempotent. Raises Forbidden for other roles."""
    if not actor.has_role(Role.ADMIN):
        raise Forbidden("Only an admin can allow a new app address.", hint="Ask an admin.")
    with unit():
        row, is_new = RedirectHostPermission.objects.get_or_create(
            workspace_id=membership.workspace_id,
            host=destination.host,
            defaults={"allowed_by_id": membership.user_id},
        )
        if is_new:
            audit.record(
                actor, "oauth.redirect_host.allow", object_ids={"redirect_host_id": row.pk}
            )
