"""Who belongs to a workspace, and as what."""

from django.db.models import QuerySet

from accounts.models import Membership
from core import audit
from core.access import Role
from core.actor import Actor
from core.db import unit
from core.errors import Conflict, Forbidden, NotFound, ValidationFailed


def members(actor: Actor) -> QuerySet[Membership]:
    """Everyone in the actor's workspace, active first."""
    return (
        Membership.objects.filter(workspace_id=actor.workspace_id)
        .select_related("user")
        .order_by("-is_active", "created_at")
    )


def change_role(actor: Actor, membership_id: str, role: str) -> Membership:
    """Give a member another role. Raises Conflict when no admin would be left."""
    if role not in set(Role):
        raise ValidationFailed(
            "This is no role.", field="role", valid_values=[known.value for known in Role]
        )
    return _change(actor, membership_id, "accounts.member.change_role", role=role)


def deactivate(actor: Actor, membership_id: str) -> Membership:
    """End a membership; sessions, apps and keys of it are refused with their next request."""
    return _change(actor, membership_id, "accounts.member.deactivate", is_active=False)


def reactivate(actor: Actor, membership_id: str) -> Membership:
    """Let a former member in again."""
    return _change(actor, membership_id, "accounts.member.reactivate", is_active=True)


def require_admin(actor: Actor) -> None:
    """Raise Forbidden unless the actor is an admin."""
    if not actor.has_role(Role.ADMIN):
        raise Forbidden("Only an admin may do this.", hint="Ask an admin of the workspace.")


def _change(actor: Actor, membership_id: str, verb: str, **facts: object) -> Membership:
    require_admin(actor)
    with unit():
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
        audit.record(actor, verb, object_ids={"membership_id": str(member.pk)}, fields=facts)
    return member


def _admins(actor: Actor) -> set[str | None]:
    rows = (
        Membership.objects.select_for_update()
        .filter(workspace_id=actor.workspace_id, role=Role.ADMIN, is_active=True)
        .order_by("pk")
    )
    return {row.pk for row in rows}
