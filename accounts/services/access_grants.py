"""External access: what lets data out or people in (security-5); who enabled it, and a notice.

An app that owns grants registers a source of them, calls `require` before it enables one and
`announce` in the same transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Notice
from accounts.services import notices
from accounts.services.members import require_admin
from core import clock
from core.access import Role
from core.actor import Actor
from core.hooks import Hook
from core.ids import new_id
from core.page_operations import Done, page_operation, require_fresh_login
from core.schemas import plain_name


@dataclass(frozen=True, slots=True)
class AccessGrant:
    """An open grant. `route` is the name of the URL that closes it by POST, `pk` its argument."""

    kind: str
    name: str
    opened_by: str
    since: datetime
    last_used_at: datetime | None
    route: str
    pk: str


SOURCES = Hook[Callable[[Actor], list[AccessGrant]]]()


def require(actor: Actor) -> None:
    """Raise Forbidden unless the actor is an admin with a fresh login."""
    require_admin(actor)
    require_fresh_login(actor)


def announce(actor: Actor, kind: str, name: str) -> None:
    """Notify every other admin of the workspace; the caller holds the transaction."""
    others = set(notices.admins_of(actor.workspace_id)) - {actor.user_id}
    notices.post(
        actor.workspace_id,
        others,
        notices.Kind.ACCESS,
        new_id("grant"),
        what="External access was enabled",
        path="/settings/external-access/",
        name=plain_name(name, 120),
        access=f"{kind[:40]} {plain_name(name, 120)}".strip(),
        by=actor.name[:200],
    )


def open_grants(actor: Actor) -> list[AccessGrant]:
    """Every open grant of the workspace, the newest first; admins only."""
    require_admin(actor)
    found = [grant for source in SOURCES for grant in source(actor)]
    return sorted(found, key=lambda grant: grant.since, reverse=True)


def unseen(actor: Actor) -> list[Notice]:
    """Grants others enabled since this admin's last visit, newest first."""
    if not actor.has_role(Role.ADMIN):
        return []
    return list(_unseen(actor).order_by("-created_at", "-pk")[:100])


@page_operation("accounts.access_grant.seen")
def mark_seen(actor: Actor) -> Done:
    """This admin has read the notices there are."""
    _unseen(actor).update(seen_at=clock.now())
    return Done(changed=False)


def _unseen(actor: Actor) -> QuerySet[Notice]:
    return Notice.objects.filter(
        workspace_id=actor.workspace_id,
        user_id=actor.user_id,
        kind=notices.Kind.ACCESS,
        seen_at=None,
    )
