"""Operations: everything a surface offers, declared once.

An operation states its schema, scopes, roles and effect; hints, scope checks, consent and tests
read them from here. `submit` is the only way in: it authorises, validates, and hands what is gated
to the ledger, which approvals registers. Without one nothing is changed.
"""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from core import audit, idempotency
from core.access import Role, Scope
from core.actor import Actor
from core.db import unit
from core.errors import Forbidden, InsufficientScope, ValidationFailed
from core.hooks import Slot
from core.outcomes import Effected, Outcome, Preview, Verdict
from core.schemas import as_json, validated

Data = TypeVar("Data", bound=BaseModel)
Function = Callable[[Actor, Any], BaseModel]


class Effect(StrEnum):
    """What an operation does to the world."""

    READ = "read"
    ADD = "add"
    CHANGE = "change"
    DELETE = "delete"
    SEND = "send"
    DECIDE = "decide"
    JOB = "job"


def _harmless(_: Any) -> list[str]:
    return []


def _waits(_: Actor, __: Any) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Operation:
    """A declaration; `function` is None where an executor outside the database carries it out.

    `sensitive(data)` names what makes these arguments red (rules 3): an empty list is an undoable
    record change. With `any_scope` one of the scopes lets a caller ask, and the function itself
    refuses what that one does not cover; so does each of `also`, which no challenge asks for.
    `preview(actor, data)` says what a gated change would do, for cards and noops.
    `direct(actor, data)` says why this actor's change needs no approval though the operation is
    gated (a note of one's own, rules 1); nothing where it does.
    `while_stopped` operations go on in a stopped workspace: they only say no or take back.
    A read that `calls_out` asks somebody else's server, so it opens its own transactions.
    `follows(answer)` names the job a read's answer tells of, for surfaces that can wait for it.
    """

    name: str
    schema: type[BaseModel]
    function: Function | None
    scopes: tuple[Scope, ...]
    effect: Effect
    gated: bool = False
    idempotent: bool = False
    any_scope: bool = False
    also: tuple[Scope, ...] = ()
    open_world: bool = False
    while_stopped: bool = False
    calls_out: bool = False
    propose_role: Role = Role.VIEWER
    run_role: Role = Role.VIEWER
    sensitive: Callable[[Any], list[str]] = _harmless
    preview: Callable[[Actor, Any], Preview] | None = None
    direct: Callable[[Actor, Any], str] = _waits
    follows: Callable[[dict[str, Any]], str] | None = None

    @property
    def read_only(self) -> bool:
        """Whether it changes nothing."""
        return self.effect is Effect.READ

    @property
    def destructive(self) -> bool:
        """MCP's destructiveHint: it changes, deletes, sends, decides, or waits for approval."""
        return self.gated or self.effect in {
            Effect.CHANGE,
            Effect.DELETE,
            Effect.SEND,
            Effect.DECIDE,
        }

    @property
    def has_envelope(self) -> bool:
        """Whether it answers with an Outcome; reads, decisions and jobs have their own shape."""
        return self.effect not in {Effect.READ, Effect.DECIDE, Effect.JOB}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a draft says beside its params: sender, time, reason and evidence."""

    identity_id: str | None = None
    contact_id: str | None = None
    scheduled_time: datetime | None = None
    replaces: str | None = None
    description: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """How a call wants to be treated; all of it comes from the caller, none of it decides.

    `guard` is called first inside the transaction that carries it out; what it raises stops it.
    """

    require_approval: bool | None = None
    dry_run: bool = False
    idempotency_key: str | None = None
    proposal: Proposal = field(default_factory=Proposal)
    guard: Callable[[], None] | None = None


class Plan(Protocol):
    """What would happen, worked out before any transaction is open."""

    def foresee(self) -> Outcome:
        """The answer to a dry run; changes nothing."""
        ...

    def carry_out(self) -> Outcome:
        """Do it, inside the caller's transaction."""
        ...


class Ledger(Protocol):
    """Decides what runs, waits or stops; approvals implements it."""

    def plan(self, actor: Actor, operation: Operation, data: Any, request: Request) -> Plan:
        """Work out what becomes of a gated request."""
        ...

    def current_status(self, actor: Actor, action_id: str) -> str | None:
        """The status of an action now, for a replayed answer."""
        ...

    def check_not_paused(self, actor: Actor, operation: Operation) -> None:
        """Raise Paused while the kill switch stops the actor's workspace (rules 6)."""
        ...

    def paused(self, actor: Actor) -> str:
        """Who stopped the workspace and when; empty while it is not stopped."""
        ...

    def note_reading(self, actor: Actor, objects: list[str]) -> None:
        """Remember that the actor read text from outside, in these objects."""
        ...

    def is_tainted(self, actor: Actor) -> bool:
        """Whether the actor read text from outside lately."""
        ...

    def extras(self, actor: Actor) -> dict[str, Any]:
        """Facts of the moment that every envelope carries."""
        ...


LEDGER = Slot[Ledger]("approvals ledger")

_registry: dict[str, Operation] = {}


def paused(actor: Actor) -> str:
    """The sentence every answer carries while the actor's workspace is stopped, else nothing."""
    return LEDGER.get().paused(actor)


def is_tainted(actor: Actor) -> bool:
    """Whether somebody outside may speak through what the actor writes (rules 6)."""
    return actor.tainted or LEDGER.get().is_tainted(actor)


def note_reading(actor: Actor, answer: dict[str, Any]) -> None:
    """Tell the ledger which objects of an answer hold text written outside."""
    LEDGER.get().note_reading(actor, external_objects(answer))


def external_objects(node: Any) -> list[str]:
    """Ids of the objects in an answer that are marked as written outside; `?` for one without."""
    if isinstance(node, list):
        return [found for part in node for found in external_objects(part)]
    if not isinstance(node, dict):
        return []
    own = next((str(value) for key, value in node.items() if key.endswith("_id")), "?")
    inner = [found for part in node.values() for found in external_objects(part)]
    return [own, *inner] if node.get("source") == "external" else inner


def declare(op: Operation) -> Operation:
    """Add an operation to the registry; names are unique."""
    if op.name in _registry:
        raise RuntimeError(f"operation {op.name} is declared twice")
    _registry[op.name] = op
    return op


def operation(
    name: str,
    *,
    schema: type[Data],
    scope: Scope | Iterable[Scope],
    effect: Effect,
    **facts: Any,
) -> Callable[[Callable[[Actor, Data], BaseModel]], Callable[[Actor, Data], BaseModel]]:
    """Declare the decorated service as an operation."""
    scopes = (scope,) if isinstance(scope, Scope) else tuple(scope)

    def register(
        function: Callable[[Actor, Data], BaseModel],
    ) -> Callable[[Actor, Data], BaseModel]:
        declare(Operation(name, schema, function, scopes, effect, **facts))
        return function

    return register


def get(name: str) -> Operation:
    """The operation of this name; a missing one is a programming error."""
    return _registry[name]


def all_operations() -> list[Operation]:
    """Every declared operation, by name."""
    return [_registry[name] for name in sorted(_registry)]


def authorise(actor: Actor, op: Operation) -> None:
    """Raise InsufficientScope or Forbidden unless the actor may ask for this."""
    if missing_scopes(actor, op):
        raise InsufficientScope(op.scopes)
    if not actor.has_role(op.propose_role):
        raise Forbidden(
            f"This needs the role {op.propose_role}; yours here is {actor.role}.",
            hint="Ask an admin of the workspace.",
        )


def missing_scopes(actor: Actor, op: Operation) -> list[Scope]:
    """The scopes the actor would need to ask for this and does not have."""
    missing = [scope for scope in op.scopes if not actor.has_scope(scope)]
    holds_one = op.any_scope and len(missing) < len(op.scopes)
    holds_another = any(actor.has_scope(scope) for scope in op.also)
    return [] if holds_one or holds_another else missing


def submit(
    actor: Actor, op: Operation, data: Any, request: Request | None = None
) -> dict[str, Any]:
    """Do, queue or refuse what was asked for; returns the whole public answer, ready for JSON.

    Raises AppError: the caller's surface translates it.
    """
    request = request or Request()
    authorise(actor, op)
    arguments = validated(op.schema, data)
    if op.read_only:
        with nullcontext() if op.calls_out else unit(write=False):
            return as_json(perform(actor, op, arguments))
    if not request.dry_run and request.idempotency_key is not None:
        # Before the plan: what was created by the first call must not stand in the second's way.
        first = idempotency.first_answer(
            actor, op.name, request.idempotency_key, data, request.proposal
        )
        if first is not None:
            return _with_extras(actor, op, _replayed(actor, first))
    ledger = LEDGER.get()
    ledger.check_not_paused(actor, op)
    plan = _plan(actor, op, arguments, request)
    if request.dry_run:
        return as_json(plan.foresee())
    with unit():
        ledger.check_not_paused(actor, op)  # it may have been stopped while this was planned
        if request.guard is not None:
            request.guard()
        kept = idempotency.claim(actor, op.name, request.idempotency_key, data, request.proposal)
        if kept is not None and kept.answer is not None:
            return _with_extras(actor, op, _replayed(actor, kept.answer))
        answer = as_json(plan.carry_out())
        if kept is not None:
            idempotency.store_answer(kept, answer)
        return _with_extras(actor, op, answer)


def perform(actor: Actor, op: Operation, data: BaseModel) -> BaseModel:
    """Run the operation's own function: no gate, no envelope. The caller holds the transaction."""
    if op.function is None:
        raise RuntimeError(f"{op.name} is carried out by an executor")
    return op.function(actor, data)


def with_poll(answer: dict[str, Any], words: str) -> dict[str, Any]:
    """An answer to ask about again, with how to: `words` has the answer's fields in braces."""
    if not words or "next_poll_seconds" not in answer:
        return answer
    return {**answer, "poll_with": words.format_map(answer)}


def note_change(actor: Actor, op: Operation, data: BaseModel, outcome: Outcome) -> None:
    """Write the audit row of an operation: its ids and field names, never its values."""
    given = data.model_dump(mode="json", exclude_unset=True)
    ids = {name: str(value) for name, value in given.items() if name.endswith("_id") and value}
    if outcome.action_id:
        ids["action_id"] = outcome.action_id
    audit.record(actor, op.name, verdict=outcome.status, object_ids=ids, fields=_names(given))


def _names(given: dict[str, Any]) -> list[str]:
    properties = given.get("properties")
    inner = [f"properties.{key}" for key in properties] if isinstance(properties, dict) else []
    return [*given, *inner]


def _plan(actor: Actor, op: Operation, data: BaseModel, request: Request) -> Plan:
    if not op.gated:
        if request.require_approval is not None:
            raise ValidationFailed("This is never gated.", field="require_approval")
        return _Direct(actor, op, data)
    return LEDGER.get().plan(actor, op, data, request)


def _with_extras(actor: Actor, op: Operation, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with what is true now; kept answers do not hold it."""
    return {**answer, **LEDGER.get().extras(actor)} if op.has_envelope else answer


def _replayed(actor: Actor, answer: dict[str, Any]) -> dict[str, Any]:
    replay = {**answer, "replayed": True}
    action_id = answer.get("action_id")
    status = LEDGER.get().current_status(actor, action_id) if action_id else None
    return {**replay, "action_status": status} if status else replay


@dataclass(frozen=True, slots=True)
class _Direct:
    """The plan of an operation that is not gated."""

    actor: Actor
    op: Operation
    data: BaseModel

    def foresee(self) -> Outcome:
        return Outcome(status=Verdict.WOULD_EXECUTE, why="This is not gated.")

    def carry_out(self) -> Any:
        result = perform(self.actor, self.op, self.data)
        if not isinstance(result, Effected):
            return result
        outcome = Outcome(status=Verdict.EXECUTED, result=result.resource, previous=result.previous)
        note_change(self.actor, self.op, self.data, outcome)
        return outcome
