"""Doors let data out or somebody in (rules 10): one list, who opened each, and a notice.

An app that owns doors registers a source of them, calls `require` before it opens one and
`announce` in the transaction that does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import DoorNotice, Membership
from accounts.services import notices
from accounts.services.members import require_admin
from core import clock
from core.access import Role
from core.actor import Actor
from core.db import unit
from core.errors import Forbidden
from core.schemas import plain_name


@dataclass(frozen=True, slots=True)
class Door:
    """An open door. `route` is the name of the URL that closes it by POST, `pk` its argument."""

    kind: str
    name: str
    opened_by: str
    since: datetime
    last_used_at: datetime | None
    route: str
    pk: str


Source = Callable[[Actor], list[Door]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Called when the project starts by each app that owns doors."""
    if source not in _sources:
        _sources.append(source)


def require(actor: Actor) -> None:
    """Raise Forbidden unless the actor is an admin who has just given the password."""
    require_admin(actor)
    if not actor.fresh_login:
        raise Forbidden(
            "This opens a door: give your password again first.", hint="Enter it on this page."
        )


def announce(actor: Actor, kind: str, name: str) -> None:
    """Tell every other admin of the workspace; the caller holds the transaction."""
    admins = Membership.objects.filter(
        workspace_id=actor.workspace_id, role=Role.ADMIN, is_active=True
    )
    told = DoorNotice.objects.bulk_create(
        DoorNotice(
            workspace_id=actor.workspace_id,
            user_id=user_id,
            kind=kind[:40],
            name=plain_name(name, 120),
            opened_by=actor.name[:200],
            at=clock.now(),
        )
        for user_id in admins.values_list("user_id", flat=True)
        if user_id != actor.user_id
    )
    for row in told:
        notices.post(
            actor.workspace_id,
            [str(row.user_id)],
            notices.Kind.DOOR,
            f"door:{row.pk}",
            what="A door was opened",
            path="/settings/doors/",
            name=row.name,
        )


def open_doors(actor: Actor) -> list[Door]:
    """Every open door of the workspace, the newest first; admins only."""
    require_admin(actor)
    found = [door for source in _sources for door in source(actor)]
    return sorted(found, key=lambda door: door.since, reverse=True)


def unseen(actor: Actor) -> list[DoorNotice]:
    """What was opened by others since this admin last looked, the newest first."""
    rows = DoorNotice.objects.filter(
        workspace_id=actor.workspace_id, user_id=actor.user_id, seen_at=None
    )
    return list(rows.order_by("-at", "-pk")[:100]) if actor.has_role(Role.ADMIN) else []


def mark_seen(actor: Actor) -> None:
    """This admin has read the notices there are."""
    require_admin(actor)
    with unit():
        DoorNotice.objects.filter(
            workspace_id=actor.workspace_id, user_id=actor.user_id, seen_at=None
        ).update(seen_at=clock.now())
