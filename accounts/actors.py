"""Turns a session, a connection or a key into an Actor; memberships are read on every request."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from accounts.models import Membership
from core import clock
from core.access import Role, Scope, scopes_for
from core.actor import Actor, ActorKind, Client, Surface
from core.errors import Forbidden

SESSION_WORKSPACE = "workspace_id"
SESSION_AUTHENTICATED_AT = "authenticated_at"


def active_memberships(user_id: str | None) -> list[Membership]:
    """The person's active memberships, oldest first."""
    return list(
        Membership.objects.filter(user_id=user_id, is_active=True, user__is_active=True)
        .select_related("workspace", "user")
        .order_by("created_at")
    )


def membership_of(user_id: str | None, workspace_id: str) -> Membership | None:
    """The person's active membership in one workspace, or None."""
    return memberships_in(workspace_id, [user_id]).get(user_id or "")


def memberships_in(workspace_id: str, user_ids: Iterable[str | None]) -> dict[str, Membership]:
    """The live memberships that these people have in one workspace, by the person's id."""
    rows = Membership.objects.filter(
        user_id__in=[pk for pk in user_ids if pk],
        workspace_id=workspace_id,
        is_active=True,
        user__is_active=True,
    )
    return {str(row.user_id): row for row in rows.select_related("workspace", "user")}


def for_membership(
    membership: Membership,
    *,
    kind: ActorKind,
    surface: Surface,
    scopes: frozenset[Scope] | None,
    client: Client | None = None,
    role_ceiling: Role = Role.ADMIN,
) -> Actor:
    """The actor of a member's app or session.

    `role_ceiling` is the member's role when they granted it: a grant never exceeds it. Scopes their
    role no longer allows are dropped.
    """
    role = Role(membership.role).at_most(role_ceiling)
    return Actor(
        workspace_id=str(membership.workspace_id),
        kind=kind,
        surface=surface,
        role=role,
        name=str(membership.user),
        user_id=str(membership.user_id),
        scopes=None if scopes is None else scopes & scopes_for(role),
        client=client,
    )


def for_session(session: SessionBase, memberships: list[Membership]) -> Actor:
    """The logged-in person in the workspace chosen in the session, or in the oldest one.

    Raises Forbidden when the person belongs to no workspace.
    """
    if not memberships:
        raise Forbidden(
            "Your account is not a member of any workspace.",
            hint="Ask an admin for an invitation link.",
        )
    wanted = session.get(SESSION_WORKSPACE)
    chosen = next((m for m in memberships if m.workspace_id == wanted), memberships[0])
    actor = for_membership(chosen, kind=ActorKind.PERSON, surface=Surface.DASHBOARD, scopes=None)
    return actor.with_fresh_login() if has_fresh_login(session) else actor


def has_fresh_login(session: SessionBase) -> bool:
    """Whether the password was given within the last minutes (security-6)."""
    at = session.get(SESSION_AUTHENTICATED_AT, 0)
    return bool(clock.now().timestamp() - at < settings.FRESH_LOGIN_SECONDS)


def for_stored(user_id: str, workspace_id: str, *, role_ceiling: Role) -> Actor | None:
    """The actor of an earlier request, with current rights; None when the membership ended."""
    membership = membership_of(user_id, workspace_id)
    return as_stored(membership, role_ceiling=role_ceiling) if membership else None


def as_stored(membership: Membership, *, role_ceiling: Role) -> Actor:
    """The actor of an earlier request, as the current member."""
    return for_membership(
        membership,
        kind=ActorKind.PERSON,
        surface=Surface.SYSTEM,
        scopes=None,
        role_ceiling=role_ceiling,
    )
