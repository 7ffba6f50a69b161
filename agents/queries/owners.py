"""An agent's owner and actor (agents-1)."""

from dataclasses import replace

from accounts import actors
from agents.models import Agent, Run
from core.access import Role
from core.actor import Actor, ActorKind, Surface


def acting_owner(agent: Agent) -> Actor | None:
    """The owner as the schedule's actor; None when no longer an admin here."""
    membership = actors.membership_of(str(agent.owner_id), str(agent.workspace_id))
    if membership is None or not Role(membership.role).includes(Role.ADMIN):
        return None
    return actors.for_membership(
        membership, kind=ActorKind.PERSON, surface=Surface.SYSTEM, scopes=None
    )


def actor_of(agent: Agent, run: Run, read_outside: tuple[str, ...] = ()) -> Actor | None:
    """The agent as actor, or None when its owner is no longer an admin here.

    `read_outside` are the external objects it has just read: they taint its drafts.
    """
    owner = acting_owner(agent)
    if owner is None:
        return None
    return replace(
        owner,
        kind=ActorKind.AGENT,
        name=agent.name,
        agent_id=str(agent.pk),
        run_id=str(run.pk),
        read_outside=read_outside,
    )
