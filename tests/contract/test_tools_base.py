"""What is derived from an operation, tested on small operations."""

from typing import Any

import jsonschema
import pytest

from core.access import Role, Scope
from core.actor import Actor, ActorKind, Surface
from core.errors import Forbidden, InsufficientScope, ValidationFailed
from tests.protocol import samples
from tools.base import Tool

TOOLS = {tool.name: tool for tool in samples.TOOLS}


def _actor(role: Role = Role.REVIEWER, *scopes: Scope) -> Actor:
    return Actor(
        workspace_id="ws_1",
        kind=ActorKind.APP,
        surface=Surface.MCP,
        role=role,
        name="Ana",
        user_id="usr_1",
        scopes=frozenset(scopes),
    )


@pytest.mark.django_db
def test_a_call_answers_in_the_shape_of_its_output_schema() -> None:
    tool = TOOLS[samples.ECHO]
    answer = tool.call(_actor(Role.VIEWER, Scope.CONTACTS_READ), {"text": "a"})
    assert answer == {"text": "a", "workspace": "ws_1"}
    jsonschema.validate(answer, {**tool.output_schema, "additionalProperties": False})


def test_scope_speaks_before_role_and_both_before_arguments() -> None:
    tool = TOOLS[samples.ADMIN]
    with pytest.raises(InsufficientScope):
        tool.call(_actor(Role.VIEWER), {"nonsense": 1})
    with pytest.raises(Forbidden):
        tool.call(_actor(Role.MEMBER, Scope.CONTACTS_READ), {"nonsense": 1})
    with pytest.raises(ValidationFailed):
        tool.call(_actor(Role.ADMIN, Scope.CONTACTS_READ), {"nonsense": 1})


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"require_approval": "yes"}, "require_approval"),
        ({"require_approval": None}, "require_approval"),
        ({"dry_run": 1}, "dry_run"),
        ({"idempotency_key": "k" * 256}, "idempotency_key"),
        ({"idempotency_key": 5}, "idempotency_key"),
        ({"tone": "rude"}, "tone"),
    ],
)
def test_what_every_tool_takes_is_checked_as_strictly_as_its_own_arguments(
    arguments: dict[str, Any], field: str
) -> None:
    actor = _actor(Role.MEMBER, Scope.CONTACTS_WRITE)
    with pytest.raises(ValidationFailed) as refusal:
        TOOLS[samples.CHANGE].call(actor, arguments)
    assert refusal.value.field == field


@pytest.mark.parametrize("name", ["require_approval", "dry_run", "idempotency_key"])
def test_a_read_only_tool_knows_no_approval(name: str) -> None:
    with pytest.raises(ValidationFailed):
        TOOLS[samples.ECHO].call(_actor(Role.VIEWER, Scope.CONTACTS_READ), {name: True})


def test_a_gated_tool_declares_the_envelope_and_a_decision_its_own_shape() -> None:
    envelope = TOOLS[samples.CHANGE].output_schema["properties"]
    assert {"status", "action_id", "review_url", "previous", "next", "error"} <= envelope.keys()
    assert TOOLS[samples.DECIDE].output_schema["properties"].keys() == {
        "text",
        "workspace",
        "error",
        "paused",
    }


def test_a_tool_without_a_choice_takes_none() -> None:
    tool = Tool(
        name="update_contact_note",
        title="Edit a note",
        description="Edit.",
        operation="sample.change",
        offers_approval=False,
    )
    assert "require_approval" not in tool.input_schema["properties"]
    assert "idempotency_key" in tool.input_schema["properties"]
