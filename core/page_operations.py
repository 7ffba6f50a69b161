"""Operations for people in the dashboard only: memberships, keys, policy, connections, Stop.

Declared by decorating the function, which is called as before. Each call is authorised, validated,
and writes its audit row in one transaction. Apps, keys and agents can't call it (an operator's
command can): no scope covers it, and it is neither gated nor stopped by the kill switch. Arguments
may be secrets: only ids and field names are stored.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Concatenate, Generic, ParamSpec, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model
from typing_extensions import TypeVar

from core import audit
from core.access import Role
from core.actor import Actor, ActorKind
from core.db import unit
from core.errors import Forbidden
from core.schemas import validated

P = ParamSpec("P")
T = TypeVar("T", default=None)


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The function's return value: the answer and the content of the audit row.

    `verb` is the operation's name if empty, `fields` None means the arguments' names, and
    `object_ids` are added to those in the arguments. Without a change no row is written.
    """

    answer: T = None  # type: ignore[assignment] # of Done[None]
    object_ids: Mapping[str, str] = field(default_factory=dict)
    fields: Iterable[str] | None = None
    verb: str = ""
    verdict: str = "done"
    changed: bool = True


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, eq=False)
class PageOperation(Generic[P, T]):
    """A declared operation; `submit` takes form data, a call takes the same as arguments."""

    name: str
    function: Callable[Concatenate[Actor, P], Done[T]]
    schema: type[BaseModel]
    role: Role
    fresh_login: bool

    def __call__(self, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> T:
        """As `submit`."""
        given = inspect.signature(self.function).bind(actor, *args, **kwargs).arguments
        return self.submit(actor, dict(list(given.items())[1:]))

    def submit(self, actor: Actor, data: Mapping[str, Any]) -> T:
        """Run it. Raises Forbidden, ValidationFailed, and the function's own errors."""
        self.authorise(actor)
        arguments = validated(self.schema, data)
        given = {name: getattr(arguments, name) for name in type(arguments).model_fields}
        with unit():
            done = self.function(actor, **given)  # type: ignore[call-arg] # its own signature's
            if done.changed:
                self._record(actor, {name: given[name] for name in data}, done)
        return done.answer

    def authorise(self, actor: Actor) -> None:
        """Raise Forbidden unless the actor may call this now."""
        if actor.kind not in {ActorKind.PERSON, ActorKind.JOB}:
            raise Forbidden("Only a person in the dashboard may do this.")
        actor.require_role(self.role)
        if self.fresh_login:
            require_fresh_login(actor)

    def _record(self, actor: Actor, given: dict[str, Any], done: Done[T]) -> None:
        ids = audit.ids_in(given)
        fields = given.keys() - ids.keys() if done.fields is None else done.fields
        object_ids = {**ids, **done.object_ids}
        verb = done.verb or self.name
        audit.record(actor, verb, verdict=done.verdict, object_ids=object_ids, fields=fields)


def require_fresh_login(actor: Actor) -> None:
    """Raise Forbidden unless the password was entered in the last minutes (security-6)."""
    if not actor.fresh_login:
        raise Forbidden("Re-enter your password to do this.", hint="Re-enter it on this page.")


_registry: dict[str, PageOperation[..., Any]] = {}


def page_operation(
    name: str, *, role: Role = Role.ADMIN, fresh_login: bool = False
) -> Callable[[Callable[Concatenate[Actor, P], Done[T]]], PageOperation[P, T]]:
    """Declare the decorated function."""

    def register(function: Callable[Concatenate[Actor, P], Done[T]]) -> PageOperation[P, T]:
        if name in _registry:
            raise RuntimeError(f"page operation {name} is declared twice")
        op = PageOperation(name, function, _schema_of(function), role, fresh_login)
        _registry[name] = op
        return op

    return register


def all_page_operations() -> list[PageOperation[..., Any]]:
    """Every declared page operation, by name."""
    return [_registry[name] for name in sorted(_registry)]


def _schema_of(function: Callable[..., Any]) -> type[BaseModel]:
    hints = get_type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    required = inspect.Parameter.empty
    facts: dict[str, Any] = {
        each.name: (hints[each.name], ... if each.default is required else each.default)
        for each in parameters
    }
    return create_model(function.__name__, __base__=_Arguments, **facts)
