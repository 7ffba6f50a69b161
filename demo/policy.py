"""The demo's workspaces are teams: nobody is asked at the first login."""

from accounts import actors
from accounts.models import Membership, Workspace
from approvals.policy import versions
from approvals.policy.changes import set_mode
from approvals.policy.schemas import Mode
from core.access import Role
from core.actor import ActorKind, Surface


def answer_for(places: dict[str, Workspace]) -> None:
    """Say "a team" where no admin answered yet."""
    for place in places.values():
        admin = Membership.objects.filter(workspace=place, role=Role.ADMIN, is_active=True).first()
        if admin is None or versions.current(str(place.pk)).mode is not Mode.UNANSWERED:
            continue
        actor = actors.for_membership(
            admin, kind=ActorKind.PERSON, surface=Surface.SYSTEM, scopes=None
        )
        set_mode(actor, Mode.TEAM)
