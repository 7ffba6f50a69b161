"""The tools as files: one a tool, so that a change of the public contract shows in a review."""

import json
from pathlib import Path
from typing import Any

from tools import catalog
from tools.base import Tool

# tools.md, Budget: tokens are characters of compact JSON / 4, for all 47 tools.
TOKENS_OF_ALL, TOKENS_OF_ALL_WITH_OUTPUT = 12_000, 16_500
TOKENS_OF_ONE = 700


def tokens(value: Any) -> int:
    """A definition's cost in tokens: characters of its compact JSON / 4, rounded up."""
    return -(-len(json.dumps(value, ensure_ascii=False, separators=(",", ":"))) // 4)


def as_text(tool: Tool) -> str:
    """The file of a tool: its definition, and which scopes and role see it."""
    shown = {
        **tool.definition,
        "scopes": [scope.value for scope in tool.scopes],
        "role": tool.role.value,
    }
    return json.dumps(shown, ensure_ascii=False, indent=2) + "\n"


def listing() -> dict[str, Any]:
    """All tools as one tools/list result."""
    return {"tools": [tool.definition for tool in catalog.all_tools().values()]}


def write(folder: Path) -> None:
    """Make the folder contain exactly the existing tools."""
    folder.mkdir(parents=True, exist_ok=True)
    expected = _expected()
    for stale in folder.glob("*.json"):
        if stale.name not in expected:
            stale.unlink()
    for name, text in expected.items():
        (folder / name).write_text(text)


def differences(folder: Path) -> list[str]:
    """Names of the files that are missing, stale or left over."""
    expected = _expected()
    found = {path.name: path.read_text() for path in folder.glob("*.json")}
    names = expected.keys() | found.keys()
    return sorted(name for name in names if expected.get(name) != found.get(name))


def over_budget() -> list[str]:
    """Sentences about definitions that cost too much."""
    with_output = list(catalog.all_tools().values())
    faults = [
        f"{tool.name} costs {tokens(tool.definition)} tokens; {TOKENS_OF_ONE} are allowed."
        for tool in with_output
        if tokens(tool.definition) > TOKENS_OF_ONE
    ]
    for what, spent, limit in (
        ("without", sum(tokens(_without_output(tool)) for tool in with_output), TOKENS_OF_ALL),
        ("with", sum(tokens(tool.definition) for tool in with_output), TOKENS_OF_ALL_WITH_OUTPUT),
    ):
        if spent > limit:
            faults.append(f"All tools {what} output schemas cost {spent} tokens, not {limit}.")
    return faults


def access_table() -> list[tuple[str, str, str]]:
    """Tool, scopes and lowest role, in the public order."""
    return [
        (tool.name, " ".join(tool.scopes), tool.role.value) for tool in catalog.all_tools().values()
    ]


def _expected() -> dict[str, str]:
    return {f"{tool.name}.json": as_text(tool) for tool in catalog.all_tools().values()}


def _without_output(tool: Tool) -> dict[str, Any]:
    return {key: value for key, value in tool.definition.items() if key != "outputSchema"}
