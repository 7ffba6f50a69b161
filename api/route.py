"""A route: a declaration over one operation, from which everything else follows.

    Route("PUT", "/contacts/{contact_id}", "crm.contact.update", "Change a contact")

Schema, scopes, role and effect are the operation's. Path parameters are arguments of the operation
by the same name; the rest comes from the query (GET, DELETE) or the body. A gated one also takes
`require_approval` and `dry_run`; all that change something accept the header Idempotency-Key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from re import findall
from typing import Annotated, Any

from pydantic import BaseModel, Field

from core import operations, schemas
from core.access import Scope
from core.actor import Actor
from core.errors import InsufficientScope, ValidationFailed
from core.operations import Authorised, Effect, Operation, Proposal, Request
from core.outcomes import with_poll

JsonObject = dict[str, Any]
Target = Callable[[Any], tuple[str, Proposal]]
Then = Callable[[Actor, JsonObject, Any], BaseModel]
_IN_PATH = {"type": "string", "maxLength": 64, "description": "As in the path"}


class _Direct(schemas.Arguments):
    require_approval: Annotated[
        bool, Field(description="true: let a person decide, whatever policy allows")
    ] = False
    dry_run: Annotated[bool, Field(description="true: only say what would happen")] = False


class _Careful(_Direct):
    require_approval: Annotated[
        bool, Field(description="false: run now if policy allows and the key may execute")
    ] = True


@dataclass(frozen=True, eq=False)
class Route:
    """One method on one path.

    `example` are arguments a test validates, path parameters included. `scopes` are required
    instead of the operation's own, among those it accepts; with `any_scope` one of them is enough.
    `target` turns the validated arguments into the actual operation and the draft's details (create
    an action). `careful` routes need approval by default; `offers_approval` is False if the caller
    has no choice though the operation is gated. `renamed` maps the path's names of arguments to the
    operation's. `beside` are optional arguments the operation never sees, so that they are never
    stored: `then` gets them after the operation, outside its transaction, and returns the answer.
    `poll_with` says how to poll for the result: a request, with the answer's fields in braces.
    """

    method: str
    path: str
    operation: str
    summary: str
    example: JsonObject = field(default_factory=dict)
    scopes: tuple[Scope, ...] = ()
    any_scope: bool = False
    target: Target | None = None
    careful: bool = False
    offers_approval: bool = True
    renamed: Mapping[str, str] = field(default_factory=dict)
    beside: type[schemas.Arguments] | None = None
    then: Then | None = None
    poll_with: str = ""

    @cached_property
    def declared(self) -> Operation:
        """The operation this route stands for; raises KeyError if it is not declared."""
        return operations.get(self.operation)

    @property
    def all_scopes(self) -> tuple[Scope, ...]:
        """The scopes a key needs."""
        return self.scopes or self.declared.scopes

    @property
    def needs_one_scope(self) -> bool:
        """Whether one of the scopes is enough."""
        return self.any_scope if self.scopes else self.declared.any_scope

    @cached_property
    def path_names(self) -> tuple[str, ...]:
        """The path's parameters, in their order."""
        return tuple(findall(r"{(\w+)}", self.path))

    @property
    def in_query(self) -> bool:
        """Whether arguments come in the query: GET and DELETE have no body."""
        return self.method in {"GET", "DELETE"}

    @property
    def creates(self) -> bool:
        """Whether carrying it out makes something: 201."""
        return self.method == "POST" and self.declared.effect in {Effect.ADD, Effect.SEND}

    @cached_property
    def arguments(self) -> dict[str, JsonObject]:
        """JSON Schema of every argument by name: the operation's and the route's own."""
        own = schemas.input_schema(self.declared.schema).get("properties", {})
        words = {name: word for word, name in self.renamed.items()}
        named = {words.get(name, name): part for name, part in own.items()}
        shapes = [self._controls, *([self.beside] if self.beside else [])]
        more = [schemas.input_schema(shape).get("properties", {}) for shape in shapes]
        # A schema may omit arguments that only a path has (SkipJsonSchema).
        path = dict.fromkeys(self.path_names, _IN_PATH)
        return {**path, **named, **{name: part for found in more for name, part in found.items()}}

    @cached_property
    def required(self) -> list[str]:
        """The required arguments besides the path's."""
        wanted = schemas.input_schema(self.declared.schema).get("required", [])
        inside = {*self.path_names, *self.renamed.values()}
        return [name for name in wanted if name not in inside]

    @cached_property
    def answer(self) -> type[BaseModel]:
        """The model of the operation's answer."""
        return self.declared.answer

    def authorise(self, actor: Actor) -> Authorised:
        """The right to call this; raises InsufficientScope or Forbidden without it."""
        held = [actor.has_scope(scope) for scope in self.scopes]
        if self.scopes and not (any(held) if self.any_scope else all(held)):
            raise InsufficientScope(self.scopes)
        return self.declared.authorise(actor)

    def call(
        self, allowed: Authorised, given: JsonObject, idempotency_key: str | None
    ) -> JsonObject:
        """The public answer, ready for JSON; raises AppError."""
        self._refuse_unknown(given)
        return with_poll(self._called(allowed, given, idempotency_key), self.poll_with)

    def _called(
        self, allowed: Authorised, given: JsonObject, idempotency_key: str | None
    ) -> JsonObject:
        names = self._controls.model_fields
        chosen = {name: value for name, value in given.items() if name in names}
        controls = schemas.validated(self._controls, chosen).model_dump()
        rest = {name: value for name, value in given.items() if name not in names}
        beside = self._taken_out(rest)
        data = {self.renamed.get(name, name): value for name, value in rest.items()}
        op, proposal = self.declared, Proposal()
        if self.target is not None:
            name, proposal = self.target(op.validated(data))
            op, data = operations.get(name), data["params"]
            allowed = op.authorise(allowed.actor)
        request = Request(
            require_approval=controls.get("require_approval"),
            dry_run=controls.get("dry_run", False),
            idempotency_key=None if op.read_only else idempotency_key,
            proposal=proposal,
        )
        answer = allowed.answer(data, request)
        if beside is None or self.then is None or answer.get("replayed"):
            return answer
        return schemas.as_json(self.then(allowed.actor, answer, beside))

    def _taken_out(self, rest: JsonObject) -> schemas.Arguments | None:
        """The arguments in `beside`, validated and removed from the operation's."""
        names = self.beside.model_fields if self.beside else {}
        found = {name: rest.pop(name) for name in [*rest] if name in names}
        return schemas.validated(self.beside, found) if self.beside and found else None

    def _refuse_unknown(self, given: JsonObject) -> None:
        known = sorted(self.arguments)
        unknown = next((name for name in given if name not in known), None)
        if unknown is None:
            return
        hint = "Omit it or use one of the valid names."
        if unknown == "idempotency_key":
            hint = "Send it in the Idempotency-Key header."
        raise ValidationFailed(
            "Unknown argument.",
            hint=hint,
            field=schemas.plain_name(unknown),
            valid_values=known,
            did_you_mean=schemas.nearest(unknown, known),
        )

    @cached_property
    def _controls(self) -> type[schemas.Arguments]:
        if not (self.declared.gated and self.offers_approval):
            return schemas.Arguments
        return _Careful if self.careful else _Direct
