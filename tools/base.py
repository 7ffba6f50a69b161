"""A tool: a declaration over one operation, from which everything else follows.

Hints, scopes, role, schemas and the call itself come from the operation, so they cannot lie. Copy
this, then add the tool to the tuple at the end of its file and the file to `tools/catalog.py`:

    LIST_CONTACTS = Tool(
        name="list_contacts",
        title="List contacts",
        description=\"\"\"
            Find contacts by text, stage, place or company, newest first; pages of up to 100.
            Use get_contact for everything about one of them.
        \"\"\",
        operation="crm.contact.list",
        examples=({"search": "acme", "limit": 5}, {"lifecycle_stage": "lead", "count_only": True}),
    )

A tool that is not read-only also accepts `idempotency_key`; a gated one `require_approval` and
`dry_run`. They are added here, never written in a schema.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, StrictBool

from core import operations, schemas
from core.access import Role, Scope
from core.actor import Actor
from core.errors import ValidationFailed
from core.idempotency import MAX_KEY_LENGTH
from core.operations import Authorised, Operation, Proposal, Request
from core.outcomes import with_poll

JsonObject = dict[str, Any]


class _Keyed(schemas.Arguments):
    idempotency_key: Annotated[
        schemas.Line | None,
        Field(max_length=MAX_KEY_LENGTH, description="For retries: same key, first answer"),
    ] = None


class _Gated(_Keyed):
    require_approval: Annotated[
        StrictBool, Field(description="false: run now if policy allows")
    ] = True
    dry_run: Annotated[StrictBool, Field(description="true: only say what would happen")] = False


@dataclass(frozen=True, slots=True)
class Call:
    """The call of a routed tool: another operation, its arguments, and the draft's details."""

    operation: str
    data: JsonObject
    proposal: Proposal = field(default_factory=Proposal)


@dataclass(frozen=True, eq=False)
class Tool:
    """One tool of the MCP surface.

    `examples` are arguments a test validates. `route` turns the validated arguments into another
    operation's call (create_action). `offers_approval` is False if the caller has no choice though
    the operation is gated (note edits). `deciding` tools have a rate bucket of their own
    (protocol-14). `poll_with` says how to poll for the result: a tool, with the answer's fields in
    braces.
    """

    name: str
    title: str
    description: str
    operation: str
    examples: tuple[JsonObject, ...] = ({},)
    route: Callable[[Any], Call] | None = None
    offers_approval: bool = True
    deciding: bool = False
    poll_with: str = ""

    @cached_property
    def declared(self) -> Operation:
        """The operation this tool stands for; raises KeyError if it is not declared."""
        return operations.get(self.operation)

    @property
    def role(self) -> Role:
        return self.declared.propose_role

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes a connection needs to list and call it."""
        return self.declared.scopes

    @cached_property
    def input_schema(self) -> JsonObject:
        """JSON Schema 2020-12 of the arguments; an object that refuses unknown names."""
        own = schemas.input_schema(self.declared.schema)
        properties = {**own.get("properties", {}), **self._control_properties()}
        required = {"required": own["required"]} if own.get("required") else {}
        return {
            "type": "object",
            "properties": properties,
            **required,
            "additionalProperties": False,
        }

    @cached_property
    def output_schema(self) -> JsonObject:
        """JSON Schema of the answer, top-level keys only; `error` is the only key of a refusal, and
        `paused` beside everything else while the workspace is stopped.
        """
        keys = schemas.input_schema(self.declared.answer).get("properties", {})
        shape = {name: _only_type(part) for name, part in keys.items()}
        more = {"error": {"type": "object"}, "paused": {"type": "string"}}
        return {"type": "object", "properties": {**shape, **more}}

    @cached_property
    def hints(self) -> dict[str, bool]:
        """MCP's four hints, always all of them: left out they would mean the worst."""
        op = self.declared
        return {
            "readOnlyHint": op.read_only,
            "destructiveHint": op.destructive,
            "idempotentHint": op.idempotent or op.read_only,
            "openWorldHint": op.open_world,
        }

    @cached_property
    def definition(self) -> JsonObject:
        return {
            "name": self.name,
            "title": self.title,
            "description": " ".join(self.description.split()),
            "inputSchema": self.input_schema,
            "outputSchema": self.output_schema,
            "annotations": self.hints,
        }

    def is_visible_to(self, actor: Actor) -> bool:
        """Whether scope and role let the actor list it."""
        return actor.has_role(self.role) and not self.declared.missing_scopes(actor)

    def call(
        self, actor: Actor, arguments: JsonObject, *, charge: Callable[[], None] | None = None
    ) -> JsonObject:
        """The public answer, ready for JSON; raises AppError.

        Checks scope and role first, then `charge()`, then the arguments.
        """
        allowed = self.declared.authorise(actor)
        if charge is not None:
            charge()
        answer = self._answered(allowed, arguments)
        if self.poll_with:
            answer = with_poll(answer, self.poll_with)
        if self.declared.read_only:
            operations.note_reading(actor, answer)
        if not (self.declared.read_only or self.declared.while_stopped):
            return answer  # a stop would have refused it
        paused = operations.paused(actor)
        return {"paused": paused, **answer} if paused else answer

    def _answered(self, allowed: Authorised, arguments: JsonObject) -> JsonObject:
        op = self.declared
        self._refuse_unknown(arguments)
        names = self._controls.model_fields
        given = {name: value for name, value in arguments.items() if name in names}
        data = {name: value for name, value in arguments.items() if name not in names}
        controls = schemas.validated(self._controls, given)
        if self.route is None:
            return allowed.answer(data, _request(controls, Proposal()))
        call = self.route(op.validated(data))
        routed = operations.get(call.operation).authorise(allowed.actor)
        return routed.answer(call.data, _request(controls, call.proposal))

    def _refuse_unknown(self, arguments: JsonObject) -> None:
        known = sorted(self.input_schema["properties"])
        unknown = next((name for name in arguments if name not in known), None)
        if unknown is not None:
            raise ValidationFailed(
                "Unknown argument.",
                hint="Omit it or use one of the valid names.",
                field=schemas.plain_name(unknown),
                valid_values=known,
                did_you_mean=schemas.nearest(unknown, known),
            )

    def _control_properties(self) -> JsonObject:
        properties: JsonObject = schemas.input_schema(self._controls).get("properties", {})
        return properties

    @cached_property
    def _controls(self) -> type[schemas.Arguments]:
        if self.declared.read_only:
            return schemas.Arguments
        return _Gated if self.declared.gated and self.offers_approval else _Keyed


def _request(controls: schemas.Arguments, proposal: Proposal) -> Request:
    keyed = controls.model_dump()
    # Omitted is not `true`: then the policy may let the call run.
    is_said = "require_approval" in controls.model_fields_set
    return Request(
        require_approval=keyed["require_approval"] if is_said else None,
        dry_run=keyed.get("dry_run", False),
        idempotency_key=keyed.get("idempotency_key"),
        proposal=proposal,
    )


def _only_type(part: JsonObject) -> JsonObject:
    kinds = {option.get("type") for option in part.get("anyOf", [part])}
    kind = kinds.pop() if len(kinds) == 1 else None
    return {"type": kind} if kind else {}
