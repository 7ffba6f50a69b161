"""An agent as an actor: itself, in its own name, with what its owner may do now (rules 4)."""

from accounts import actors
from agents.models import Agent, Run
from core.access import Role
from core.actor import Actor, ActorKind, Surface


def actor_of(agent: Agent, run: Run, read_outside: tuple[str, ...] = ()) -> Actor | None:
    """The agent at work, or None when its owner is no admin here any more.

    `read_outside` are the objects of outsiders it has just read: they taint what it drafts.
    """
    membership = actors.membership_of(str(agent.owner_id), str(agent.workspace_id))
    if membership is None or not Role(membership.role).includes(Role.ADMIN):
        return None
    return Actor(
        workspace_id=str(agent.workspace_id),
        kind=ActorKind.AGENT,
        surface=Surface.SYSTEM,
        role=Role.ADMIN,
        name=agent.name,
        user_id=str(agent.owner_id),
        tainted=bool(read_outside),
        agent_id=str(agent.pk),
        run_id=str(run.pk),
        read_outside=read_outside,
    )
