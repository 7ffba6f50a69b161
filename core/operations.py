"""Operations: everything the surfaces offer, declared once.

An operation declares schema, scopes, roles and effect, which hints, consent and tests read.
`submit`, the only way in, authorises, validates and asks the ledger; nothing changes without one.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, Protocol, TypeAlias, TypedDict, Unpack, get_type_hints, overload

from pydantic import BaseModel, RootModel
from typing_extensions import TypeVar

from core import audit, idempotency
from core.access import Role, Scope
from core.actor import Actor
from core.db import unit
from core.errors import AppError, InsufficientScope, ValidationFailed
from core.hooks import Slot
from core.outcomes import Effected, Outcome, Preview, Resource, Verdict, external_objects
from core.schemas import as_json, validated

Data = TypeVar("Data", bound=BaseModel, default=Any)
Answer = TypeVar("Answer", bound=BaseModel, default=Any)
Given: TypeAlias = Data | Mapping[str, Any]


class Effect(StrEnum):
    """The effect of an operation."""

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


class Facts(TypedDict, Generic[Data], total=False):
    """Optional settings of a declaration; see Operation."""

    gated: bool
    idempotent: bool
    any_scope: bool
    also: tuple[Scope, ...]
    open_world: bool
    while_stopped: bool
    calls_out: bool
    propose_role: Role
    run_role: Role
    sensitive: Callable[[Data], list[str]]
    preview: Callable[[Actor, Data], Preview]
    direct: Callable[[Actor, Data], str]
    follows: Callable[[dict[str, Any]], str]


@dataclass(frozen=True, eq=False)
class Operation(Generic[Data, Answer]):
    """A declared operation; `function` is None when an executor carries it out outside the
    database.

    Pages and services import the object: `update_contact.submit(actor, data)` requests it as every
    surface does, `update_contact.perform(actor, data)` only runs it.

    `sensitive(data)` returns the reasons these arguments are high risk (policy-5); an empty list
    means a reversible record change. With `any_scope` any one of the scopes is enough to call it,
    and so is one of `also`, which challenges never name; the function itself refuses what the
    caller's scope does not cover. `preview(actor, data)` describes a gated change, for cards and
    noops. `direct(actor, data)` returns the reason this actor's change needs no approval although
    the operation is gated (the actor's own note, operations-8), or an empty value if it needs one.
    `while_stopped` operations still run in a stopped workspace: they only reject or undo. A read
    that `calls_out` calls another server, so it opens its own transactions. `follows(answer)`
    returns the job that a read's answer mentions, for surfaces that can wait for it.
    """

    name: str
    schema: type[Data]
    function: Callable[[Actor, Data], Answer] | None
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
    sensitive: Callable[[Data], list[str]] = _harmless
    preview: Callable[[Actor, Data], Preview] | None = None
    direct: Callable[[Actor, Data], str] = _waits
    follows: Callable[[dict[str, Any]], str] | None = None

    @property
    def read_only(self) -> bool:
        """Whether it changes nothing."""
        return self.effect is Effect.READ

    @property
    def destructive(self) -> bool:
        """MCP's destructiveHint: it changes, deletes, sends, decides, or waits for approval."""
        return self.gated or self.effect not in {Effect.READ, Effect.ADD, Effect.JOB}

    @property
    def has_envelope(self) -> bool:
        """Whether it answers with an Outcome; reads, decisions and jobs have their own schemas."""
        return self.effect not in {Effect.READ, Effect.DECIDE, Effect.JOB}

    @cached_property
    def answer(self) -> type[BaseModel]:
        """The model of its public answer."""
        if self.has_envelope or self.function is None:
            return Outcome
        found: type[BaseModel] = get_type_hints(self.function)["return"]
        return Outcome if issubclass(found, Effected) else found

    def missing_scopes(self, actor: Actor) -> list[Scope]:
        """The required scopes that the actor lacks."""
        missing = [scope for scope in self.scopes if not actor.has_scope(scope)]
        holds_one = self.any_scope and len(missing) < len(self.scopes)
        holds_another = any(actor.has_scope(scope) for scope in self.also)
        return [] if holds_one or holds_another else missing

    def authorise(self, actor: Actor) -> "Authorised":
        """Authorise the actor; raises InsufficientScope or Forbidden."""
        if self.missing_scopes(actor):
            raise InsufficientScope(self.scopes)
        actor.require_role(self.propose_role)
        return Authorised(actor, self)

    def validated(self, data: Given[Data]) -> Data:
        """The validated arguments; raises ValidationFailed."""
        return data if isinstance(data, self.schema) else validated(self.schema, data)

    @overload
    def submit(
        self: "Operation[Data, Effected[Resource]]",
        actor: Actor,
        data: Given[Data],
        request: "Request" = ...,
    ) -> Outcome[Resource]: ...
    @overload
    def submit(self, actor: Actor, data: Given[Data], request: "Request" = ...) -> Answer: ...
    def submit(self, actor: Actor, data: Any, request: "Request | None" = None) -> BaseModel:
        """Run, queue or refuse the request. Raises AppError."""
        found = self.authorise(actor).submit(data, request or Request())
        return self.answer.model_validate(found.root) if isinstance(found, _Kept) else found

    def perform(self, actor: Actor, data: Data) -> Answer:
        """Run its own function: no gate, no envelope. The caller holds the transaction."""
        if self.function is None:
            raise RuntimeError(f"{self.name} is carried out by an executor")
        return self.function(actor, data)


class _Kept(RootModel[dict[str, Any]]):
    """The stored first answer to a repeated request."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft's sender, time, reason and evidence: everything except its params."""

    identity_id: str | None = None
    contact_id: str | None = None
    scheduled_time: datetime | None = None
    replaces: str | None = None
    description: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """Options of a call; they come from the caller and decide nothing.

    `guard` runs first inside the executing transaction; an exception stops the call.
    """

    require_approval: bool | None = None
    dry_run: bool = False
    idempotency_key: str | None = None
    proposal: Proposal = field(default_factory=Proposal)
    guard: Callable[[], None] | None = None


class Plan(Protocol):
    """The planned result, computed before any transaction is open."""

    def foresee(self) -> Outcome:
        """The answer to a dry run; changes nothing."""
        ...

    def carry_out(self) -> Outcome:
        """Do it, inside the caller's transaction."""
        ...


class Ledger(Protocol):
    """Decides whether a request runs, waits or is refused; implemented by approvals."""

    def plan(self, actor: Actor, operation: Operation, data: Any, request: Request) -> Plan:
        """Plan a gated request."""
        ...

    def current_status(self, actor: Actor, action_id: str) -> str | None:
        """The status of an action now, for a replayed answer."""
        ...

    def check_not_paused(self, actor: Actor, operation: Operation) -> None:
        """Raise Paused while the kill switch stops the actor's workspace (approvals-13)."""
        ...

    def paused(self, actor: Actor) -> str:
        """Who stopped the workspace and when; empty while it is not stopped."""
        ...

    def note_reading(self, actor: Actor, objects: list[str]) -> None:
        """Record that the actor read external text in these objects."""
        ...

    def is_tainted(self, actor: Actor) -> bool:
        """Whether the actor recently read external text."""
        ...

    def extras(self, actor: Actor) -> dict[str, Any]:
        """Current facts that every envelope carries."""
        ...


LEDGER = Slot[Ledger]("approvals ledger")

_registry: dict[str, Operation] = {}


def paused(actor: Actor) -> str:
    """The notice in every answer while the actor's workspace is stopped; otherwise empty."""
    return LEDGER.get().paused(actor)


def is_tainted(actor: Actor) -> bool:
    """Whether external text may have influenced what the actor writes (security-8)."""
    return actor.tainted or LEDGER.get().is_tainted(actor)


def note_reading(actor: Actor, answer: dict[str, Any]) -> None:
    """Tell the ledger which objects of an answer contain external text."""
    LEDGER.get().note_reading(actor, external_objects(answer))


def declare(op: Operation[Data, Answer]) -> Operation[Data, Answer]:
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
    **facts: Unpack[Facts[Data]],
) -> Callable[[Callable[[Actor, Data], Answer]], Operation[Data, Answer]]:
    """Declare the decorated service as an operation; the operation replaces the function."""
    scopes = (scope,) if isinstance(scope, Scope) else tuple(scope)

    def register(function: Callable[[Actor, Data], Answer]) -> Operation[Data, Answer]:
        return declare(Operation(name, schema, function, scopes, effect, **facts))

    return register


def get(name: str) -> Operation:
    """The operation of this name; a missing one is a programming error."""
    return _registry[name]


def all_operations() -> list[Operation]:
    """Every declared operation, by name."""
    return [_registry[name] for name in sorted(_registry)]


def submit(
    actor: Actor, op: Operation, data: Any, request: Request | None = None
) -> dict[str, Any]:
    """Like `op.submit`, for surfaces: the complete public answer, ready for JSON."""
    return op.authorise(actor).answer(data, request)


@dataclass(frozen=True, slots=True)
class Authorised:
    """An operation and its authorised actor; only Operation.authorise creates one."""

    actor: Actor
    op: Operation

    def answer(self, data: Any, request: Request | None = None) -> dict[str, Any]:
        """The complete public answer, ready for JSON; raises AppError."""
        request = request or Request()
        answer = as_json(self.submit(data, request))
        if request.dry_run or not self.op.has_envelope:
            return answer
        # Current facts; stored answers do not contain them.
        return {**answer, **LEDGER.get().extras(self.actor)}

    def submit(self, data: Any, request: Request) -> BaseModel:
        """Run, queue or refuse it; a repeated request gets the stored answer."""
        actor, op = self.actor, self.op
        arguments = op.validated(data)
        if op.read_only:
            with nullcontext() if op.calls_out else unit(write=False):
                found: BaseModel = op.perform(actor, arguments)
                return found
        key = None if request.dry_run else request.idempotency_key
        # Before the plan: a record created by the first call must not block the second.
        first = idempotency.first_answer(actor, op.name, key, data, request.proposal)
        if first is not None:
            return _replayed(actor, first)
        try:
            plan = _plan(actor, op, arguments, request)
        except AppError:
            LEDGER.get().check_not_paused(actor, op)  # "stopped" is more helpful
            raise
        if request.dry_run:
            LEDGER.get().check_not_paused(actor, op)
            return plan.foresee()
        return self._carry_out(plan, data, request)

    def _carry_out(self, plan: Plan, data: Any, request: Request) -> BaseModel:
        actor, op, key = self.actor, self.op, request.idempotency_key
        with unit():
            LEDGER.get().check_not_paused(actor, op)
            if request.guard is not None:
                request.guard()
            kept = idempotency.claim(actor, op.name, key, data, request.proposal)
            if kept is not None and kept.answer is not None:
                return _replayed(actor, kept.answer)
            answer = plan.carry_out()
            if kept is not None:
                idempotency.store_answer(kept, as_json(answer))
            return answer


def _plan(actor: Actor, op: Operation, data: BaseModel, request: Request) -> Plan:
    if not op.gated:
        if request.require_approval is not None:
            raise ValidationFailed("This is never gated.", field="require_approval")
        return _Direct(actor, op, data)
    return LEDGER.get().plan(actor, op, data, request)


def _replayed(actor: Actor, answer: dict[str, Any]) -> _Kept:
    replay = {**answer, "replayed": True}
    action_id = answer.get("action_id")
    status = LEDGER.get().current_status(actor, action_id) if action_id else None
    return _Kept({**replay, "action_status": status} if status else replay)


@dataclass(frozen=True, slots=True)
class _Direct:
    """The plan of an operation that is not gated."""

    actor: Actor
    op: Operation
    data: BaseModel

    def foresee(self) -> Outcome:
        return Outcome(status=Verdict.WOULD_EXECUTE, why="This is not gated.")

    def carry_out(self) -> Any:
        result = self.op.perform(self.actor, self.data)
        if not isinstance(result, Effected):
            return result
        outcome = Outcome[Any](
            status=Verdict.EXECUTED, result=result.resource, previous=result.previous
        )
        given = self.data.model_dump(mode="json", exclude_unset=True)
        audit.record_call(self.actor, self.op.name, given, verdict=outcome.status)
        return outcome
