"""Members of a workspace, and their roles."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import Membership
from core.access import Role
from core.actor import Actor
from core.errors import Conflict, Forbidden, NotFound
from core.page_operations import Done, page_operation


def members(actor: Actor) -> QuerySet[Membership]:
    """Everyone in the actor's workspace, active first."""
    return (
        Membership.objects.filter(workspace_id=actor.workspace_id)
        .select_related("user")
        .order_by("-is_active", "created_at")
    )


@page_operation("accounts.member.change_role")
def change_role(actor: Actor, membership_id: str, role: Role) -> Done:
    """Change a member's role. Raises Conflict when no admin would be left."""
    return _change(actor, membership_id, role=role)


@page_operation("accounts.member.deactivate")
def deactivate(actor: Actor, membership_id: str) -> Done:
    """End a membership; its sessions, apps and keys are refused from the next request on."""
    return _change(actor, membership_id, is_active=False)


@page_operation("accounts.member.reactivate")
def reactivate(actor: Actor, membership_id: str) -> Done:
    """Reactivate a former member."""
    return _change(actor, membership_id, is_active=True)


def require_admin(actor: Actor) -> None:
    """Raise Forbidden unless the actor is an admin."""
    if not actor.has_role(Role.ADMIN):
        raise Forbidden("Only an admin can do this.", hint="Ask a workspace admin.")


def _change(actor: Actor, membership_id: str, **facts: Any) -> Done:
    # The admins' rows are locked in one order, so that two of them cannot remove each other.
    admins = _admins(actor)
    member = members(actor).filter(pk=membership_id).first()
    if member is None:
        raise NotFound("member")
    stays_admin = member.is_active and facts.get("is_active", True) is True
    if admins == {member.pk} and not (stays_admin and facts.get("role", "admin") == "admin"):
        raise Conflict(
            "This is the only admin of the workspace.", hint="Make someone else admin first."
        )
    for name, value in facts.items():
        setattr(member, name, value)
    member.save(update_fields=list(facts))
    return Done(fields=facts)


def _admins(actor: Actor) -> set[str | None]:
    rows = (
        Membership.objects.select_for_update()
        .filter(workspace_id=actor.workspace_id, role=Role.ADMIN, is_active=True)
        .order_by("pk")
    )
    return {row.pk for row in rows}
