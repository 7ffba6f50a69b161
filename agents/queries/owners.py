"""Whom an agent acts for (agents-1)."""

from accounts import actors
from agents.models import Agent
from core.access import Role
from core.actor import Actor, ActorKind, Surface


def acting_owner(agent: Agent) -> Actor | None:
    """The owner as the schedule acts for him; None when he is no admin here any more."""
    membership = actors.membership_of(str(agent.owner_id), str(agent.workspace_id))
    if membership is None or not Role(membership.role).includes(Role.ADMIN):
        return None
    return actors.for_membership(
        membership, kind=ActorKind.PERSON, surface=Surface.SYSTEM, scopes=None
    )
