"""The author of a text, as records store it."""

from core import operations
from core.actor import Actor, ActorKind

_MADE_BY = {
    ActorKind.PERSON: "manual",
    ActorKind.APP: "assistant",
    ActorKind.KEY: "api",
    ActorKind.AGENT: "agent",
    ActorKind.JOB: "system",
}


def source_of(actor: Actor) -> str:
    """The source of text this actor sent: person, assistant or external.

    External: the assistant had just read external text (security-9).
    """
    if actor.kind is ActorKind.PERSON:
        return "person"
    return "external" if operations.is_tainted(actor) else "assistant"


def name_of(actor: Actor) -> str:
    """The actor's name, with the app: `Claude for Mia`."""
    return f"{actor.client.name} for {actor.name}" if actor.client else actor.name


def connection_of(actor: Actor) -> str:
    """The id of the app's connection, or an empty string."""
    return actor.client.connection_id if actor.client else ""


def creation_source_of(actor: Actor) -> str:
    """How a record that this actor makes came to be: manual, assistant, api, agent, system."""
    return _MADE_BY[actor.kind]
