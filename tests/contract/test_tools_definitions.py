"""The definitions of all public tools: what each must state."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from core import schemas
from core.access import SCOPE_RULES
from pathbound_mcp.protocol.server_info import INSTRUCTIONS
from tests.cells import each
from tools import catalog, snapshots
from tools.base import Tool

TOOLS = list(catalog.all_tools().values())
MAX_SCHEMA_BYTES = 16_384
SNAPSHOTS = Path(__file__).parent / "snapshots"

ORDER = """
    list_contacts get_contact create_contact update_contact get_contact_timeline
    get_contact_conversations list_contact_email_threads list_contact_notes create_contact_note
    update_contact_note delete_contact_note list_companies get_company create_company
    update_company list_company_notes create_company_note update_company_note
    delete_company_note list_identities get_identity start_linkedin_login
    get_linkedin_login_status submit_linkedin_code check_linkedin_connection list_agents
    get_agent update_agent trigger_agent list_agent_runs get_agent_run list_actions get_action
    create_action update_action approve_action reject_action list_events get_event
    get_event_types get_event_stats list_segments get_segment_members batch_get_details
    batch_get_activity aggregate_data review_pending_actions
"""
each_tool = each("tool", TOOLS, ids=[tool.name for tool in TOOLS])


def _properties(schema: dict[str, Any], path: str = "") -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name, part in schema.get("properties", {}).items():
        found += [(f"{path}{name}", part), *_properties(part, f"{path}{name}.")]
    return found + (_properties(schema["items"], f"{path}[].") if "items" in schema else [])


@each_tool
def test_a_tool_has_a_short_name_a_title_and_words(tool: Tool) -> None:
    shown = tool.definition
    assert len(shown["name"]) <= 64
    assert shown["title"]
    assert 40 <= len(shown["description"]) <= 600
    assert "\n" not in shown["description"]


@each_tool
def test_a_tool_states_all_four_hints_and_they_follow_from_its_operation(tool: Tool) -> None:
    hints = tool.definition["annotations"]
    op = tool.declared
    assert set(hints) == {
        "readOnlyHint",
        "destructiveHint",
        "idempotentHint",
        "openWorldHint",
    }
    assert hints["readOnlyHint"] == op.read_only
    assert hints["destructiveHint"] == op.destructive
    assert not (hints["readOnlyHint"] and hints["destructiveHint"])


@each_tool
def test_an_input_schema_is_strict_and_flat_at_its_root(tool: Tool) -> None:
    schema = tool.input_schema
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert not {"anyOf", "oneOf", "allOf", "$ref", "$defs"} & schema.keys()
    assert len(json.dumps(schema).encode()) < MAX_SCHEMA_BYTES
    assert "$ref" not in json.dumps(schema)


@each_tool
def test_every_property_is_described(tool: Tool) -> None:
    for path, part in _properties(tool.input_schema):
        assert part.get("description"), f"{tool.name}: {path}"


@each_tool
def test_every_example_is_valid_for_the_schema_and_the_operation(tool: Tool) -> None:
    controls = set(tool._controls.model_fields)
    for example in tool.examples:
        jsonschema.validate(example, tool.input_schema, cls=jsonschema.Draft202012Validator)
        own = {name: value for name, value in example.items() if name not in controls}
        schemas.validated(tool.declared.schema, own)


@each_tool
def test_what_changes_takes_a_key_and_what_is_gated_a_choice(tool: Tool) -> None:
    names = set(tool.input_schema["properties"])
    assert ("idempotency_key" in names) == (not tool.declared.read_only)
    asked = tool.declared.gated and tool.offers_approval
    assert ({"require_approval", "dry_run"} <= names) == asked


@each_tool
def test_an_output_schema_names_top_level_keys_and_takes_a_refusal(tool: Tool) -> None:
    schema = tool.output_schema
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    assert len(schema["properties"]) > 1
    assert all(set(part) <= {"type"} for part in schema["properties"].values())
    jsonschema.validate({"error": {"code": "not_found"}}, schema)


@each_tool
def test_a_tool_needs_a_scope_its_role_may_grant(tool: Tool) -> None:
    assert tool.scopes
    for scope in tool.scopes:
        assert tool.role.includes(SCOPE_RULES[scope].role), f"{tool.name}: {scope}"


def test_the_public_order_is_the_one_of_47_names() -> None:
    assert [tool.name for tool in TOOLS] == ORDER.split()
    assert len(TOOLS) == 47


def test_a_name_declared_twice_does_not_start() -> None:
    with pytest.raises(RuntimeError):
        catalog.by_name((TOOLS[0], TOOLS[0]))


def test_definitions_and_instructions_stay_in_their_budget() -> None:
    assert snapshots.over_budget() == []
    assert len(INSTRUCTIONS) / 4 <= 400


def test_the_snapshots_are_the_tools() -> None:
    assert snapshots.differences(SNAPSHOTS) == []


def test_a_changed_or_stale_snapshot_is_found(tmp_path: Path) -> None:
    snapshots.write(tmp_path)
    assert snapshots.differences(tmp_path) == []
    first = tmp_path / f"{TOOLS[0].name}.json"
    first.write_text(first.read_text().replace(TOOLS[0].title, "Other"))
    (tmp_path / "gone.json").write_text("{}")
    assert snapshots.differences(tmp_path) == sorted([first.name, "gone.json"])
    snapshots.write(tmp_path)
    assert snapshots.differences(tmp_path) == []


def test_the_command_refuses_what_is_over_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("tools_snapshot", check=True)
    monkeypatch.setattr(snapshots, "TOKENS_OF_ONE", 10)
    with pytest.raises(CommandError, match="tokens"):
        call_command("tools_snapshot", check=True)


@pytest.mark.slow
def test_the_definition_linter_finds_nothing(tmp_path: Path) -> None:
    exported = tmp_path / "tools.json"
    call_command("tools_snapshot", export=exported)
    linter = Path(sys.executable).parent / "tdqs"
    done = subprocess.run(
        [linter, "lint", "--file", exported, "--fail-on", "warning"],
        capture_output=True,
        text=True,
        check=False,
        cwd=settings.ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
