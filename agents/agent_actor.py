"""An agent as an actor: itself, in its own name, with what its owner may do now (agents-1)."""

from dataclasses import replace

from agents.models import Agent, Run
from agents.queries.owners import acting_owner
from core.actor import Actor, ActorKind


def actor_of(agent: Agent, run: Run, read_outside: tuple[str, ...] = ()) -> Actor | None:
    """The agent at work, or None when its owner is no admin here any more.

    `read_outside` are the objects of outsiders it has just read: they taint what it drafts.
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
