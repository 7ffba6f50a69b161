"""What runs, what waits, what is refused: the default table of rules 3, as data.

A row is (who asks, what for). `why` always names the row in words; no argument can overrule it.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.access import Role, Scope
from core.actor import Actor, ActorKind
from core.operations import Effect, Operation

VERSION = 1


class Ruling(StrEnum):
    """What becomes of a request."""

    RUN = "run"
    QUEUE = "queue"
    REFUSE = "refuse"


class Asker(StrEnum):
    """Who asks, as the table tells them apart."""

    PERSON = "a person in the dashboard"
    KEY = "a key"
    KEY_EXECUTING = "a key that may act by itself"
    APP = "an app"
    APP_EXECUTING = "an app that may act by itself"
    AGENT = "an agent"
    SYSTEM = "the system"


class Matter(StrEnum):
    """What is asked for."""

    RECORD = "a record change that can be undone"
    SENSITIVE = "a change of e-mail, domain, owner or consent, or a delete"
    SEND = "a message"


@dataclass(frozen=True, slots=True)
class Rule:
    """A cell of the table: below `role` a request that could run queues."""

    ruling: Ruling
    role: Role = Role.VIEWER


_RUN, _QUEUE = Rule(Ruling.RUN, Role.REVIEWER), Rule(Ruling.QUEUE)

TABLE: dict[tuple[Asker, Matter], Rule] = {
    (Asker.PERSON, Matter.RECORD): _RUN,
    (Asker.PERSON, Matter.SENSITIVE): _RUN,
    (Asker.PERSON, Matter.SEND): _RUN,
    (Asker.KEY, Matter.RECORD): _RUN,
    (Asker.KEY, Matter.SENSITIVE): _RUN,
    (Asker.KEY, Matter.SEND): _QUEUE,
    (Asker.KEY_EXECUTING, Matter.RECORD): _RUN,
    (Asker.KEY_EXECUTING, Matter.SENSITIVE): _RUN,
    (Asker.KEY_EXECUTING, Matter.SEND): _RUN,
    (Asker.APP, Matter.RECORD): _QUEUE,
    (Asker.APP, Matter.SENSITIVE): _QUEUE,
    (Asker.APP, Matter.SEND): _QUEUE,
    (Asker.APP_EXECUTING, Matter.RECORD): _RUN,
    (Asker.APP_EXECUTING, Matter.SENSITIVE): _QUEUE,
    (Asker.APP_EXECUTING, Matter.SEND): _RUN,
    (Asker.AGENT, Matter.RECORD): _QUEUE,
    (Asker.AGENT, Matter.SENSITIVE): _QUEUE,
    (Asker.AGENT, Matter.SEND): _QUEUE,
}


# Whose own call counts as the press a red card needs: the table lets a key's record changes pass.
_PRESSES = frozenset({Asker.PERSON, Asker.KEY})


@dataclass(frozen=True, slots=True)
class Decided:
    """The table's answer and the sentence that explains it."""

    ruling: Ruling
    rule: str
    why: str

    def as_record(self) -> dict[str, str | int]:
        """What the ledger keeps of it: pending actions keep the rule that held them."""
        return {"ruling": self.ruling, "rule": self.rule, "why": self.why, "version": VERSION}


def decide(
    actor: Actor, op: Operation, red: list[str], require_approval: bool | None, direct: str = ""
) -> Decided:
    """What becomes of this request. Red cards wait for a person whatever an app or key asks.

    `direct` is why it needs no approval, where the operation says so of this actor.
    """
    asker, matter = _asker(actor, op, require_approval), _matter(op, red)
    rule = TABLE.get((asker, matter), _QUEUE)
    name = f"{asker} asks for {matter}"
    if require_approval is True:
        why = f"Waits for a person: approval was asked for ({name}).{_red_words(red)}"
        return Decided(Ruling.QUEUE, name, why)
    if direct:
        return Decided(Ruling.RUN, name, f"Runs without a queue: {direct}.")
    if rule.ruling is not Ruling.RUN:
        why = f"Waits for a person: {name}.{_switch(actor, asker)}{_red_words(red)}"
        return Decided(rule.ruling, name, why)
    if not actor.has_role(max(rule.role, op.run_role, key=lambda role: role.rank)):
        why = f"Waits for a person: the role {actor.role} does not run this alone ({name})."
        return Decided(Ruling.QUEUE, name, why)
    if red and asker not in _PRESSES:
        why = f"Waits for a person, red: {'; '.join(red[:10])} ({name})."
        return Decided(Ruling.QUEUE, name, why)
    return Decided(Ruling.RUN, name, f"Runs without a queue: {name}.")


def _asker(actor: Actor, op: Operation, require_approval: bool | None) -> Asker:
    executing = require_approval is False and _may_execute(actor)
    match actor.kind:
        case ActorKind.PERSON:
            return Asker.PERSON
        case ActorKind.APP:
            return Asker.APP_EXECUTING if executing else Asker.APP
        case ActorKind.KEY:
            return Asker.KEY_EXECUTING if executing and op.effect is Effect.SEND else Asker.KEY
        case ActorKind.AGENT:
            return Asker.AGENT
        case ActorKind.JOB:
            return Asker.SYSTEM


def _may_execute(actor: Actor) -> bool:
    return actor.scopes is not None and Scope.ACTIONS_EXECUTE in actor.scopes


def _matter(op: Operation, red: list[str]) -> Matter:
    if op.effect is Effect.SEND:
        return Matter.SEND
    return Matter.SENSITIVE if red or op.effect is Effect.DELETE else Matter.RECORD


def _red_words(red: list[str]) -> str:
    return f" It is red: {'; '.join(red[:10])}." if red else ""


def _switch(actor: Actor, asker: Asker) -> str:
    """Which switch would let it through, where there is one."""
    if asker is not Asker.APP or not actor.has_role(Role.REVIEWER):
        return ""
    if not _may_execute(actor):
        return " To let this app act by itself, connect it again and tick that box."
    return " With require_approval false the app may act by itself, red cards excepted."
