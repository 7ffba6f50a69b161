"""Read tools a model may call while it decides, limited to the contact of the brief.

Each is an operation of the CRM with the contact already filled in, so external text cannot make the
model read about another contact.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core import operations
from core.actor import Actor
from core.errors import ValidationFailed
from core.schemas import input_schema, nearest

MOST_CALLS = 20


@dataclass(frozen=True, slots=True)
class _Tool:
    """`bound` names the prefilled argument, and whose id it gets."""

    description: str
    operation: str
    bound: str
    many: bool = False


_TOOLS: dict[str, _Tool] = {
    "get_contact_details": _Tool(
        "The contact with company, properties and latest events.", "crm.contact.get", "contact_id"
    ),
    "query_events": _Tool(
        "The contact's tracked events, filtered by name, time or URL.",
        "crm.contact.event.list",
        "contact_id",
    ),
    "batch_get_activity": _Tool(
        "The contact's latest events in one answer.", "crm.activity.batch", "contact_ids", many=True
    ),
    "get_contact_conversations": _Tool(
        "The contact's conversations; include_messages for their texts.",
        "crm.contact.conversation.list",
        "contact_id",
    ),
    "list_contact_notes": _Tool(
        "Notes about the contact, newest first.", "crm.contact.note.list", "contact_id"
    ),
    "get_contact_timeline": _Tool(
        "Events, messages, notes and actions in one list.", "crm.contact.timeline", "contact_id"
    ),
}


@dataclass
class ContactReader:
    """The read tools of one decision; it records the external objects that were read."""

    actor: Actor
    contact_id: str
    read: list[dict[str, Any]] = field(default_factory=list)
    calls: int = 0

    def definitions(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "description": tool.description, "input_schema": _schema(tool)}
            for name, tool in _TOOLS.items()
        ]

    def call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """A tool's answer; raises AppError with a sentence for the model."""
        tool = _TOOLS.get(name)
        if tool is None:
            raise ValidationFailed(
                "There is no such tool.", valid_values=list(_TOOLS), did_you_mean=_nearest(name)
            )
        self.calls += 1
        if self.calls > MOST_CALLS:
            raise ValidationFailed("You have read enough: decide now.")
        if tool.bound in arguments:
            raise ValidationFailed(
                "This decision is about one contact; its id is filled in.", field=tool.bound
            )
        given: Any = [self.contact_id] if tool.many else self.contact_id
        op = operations.get(tool.operation)
        answer = operations.submit(self.actor, op, {**arguments, tool.bound: given})
        self.read += _seen(answer)
        return answer


def _schema(tool: _Tool) -> dict[str, Any]:
    own = input_schema(operations.get(tool.operation).schema)
    properties = {key: part for key, part in own["properties"].items() if key != tool.bound}
    required = [key for key in own.get("required", []) if key != tool.bound]
    shape = {"type": "object", "properties": properties, "additionalProperties": False}
    return shape | ({"required": required} if required else {})


def _nearest(name: str) -> str | None:
    return nearest(name, list(_TOOLS))


_PREFIXES: dict[str, str] = {"evt": "event", "note": "note", "msg": "message"}


def _seen(node: Any) -> list[dict[str, Any]]:
    """The events, notes and messages in an answer, in the format of a run's reads."""
    found: list[dict[str, Any]] = []
    _walk(node, found.append)
    return found


def _walk(node: Any, keep: Callable[[dict[str, Any]], None]) -> None:
    if isinstance(node, list):
        for part in node:
            _walk(part, keep)
    elif isinstance(node, dict):
        for key in ("event_id", "note_id", "message_id", "id"):
            text = node.get(key)
            kind = _PREFIXES.get(str(text).split("_")[0]) if isinstance(text, str) else None
            if kind is not None:
                at = node.get("timestamp") or node.get("created_at") or node.get("sent_at")
                keep({"id": text, "kind": kind, "at": at, "source": node.get("source")})
                break
        for part in node.values():
            _walk(part, keep)
