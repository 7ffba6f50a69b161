"""Rules that the import linter cannot check."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pathbound_mcp.env import ROOT

APPS = [
    folder
    for folder in sorted(ROOT.iterdir())
    if (folder / "__init__.py").exists() and folder.name not in {"tests", "fakes"}
]
DRAWERS = {"utils", "util", "helpers", "common", "misc", "lib", "shared"}
BARE_GET = re.compile(r"\b[A-Z]\w*\.objects\.get\(")
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
# Names that a module fills at runtime and that are not hooks.
FILLED_AT_RUN_TIME = {
    "core/operations.py:_registry": "a catalogue: asked by name, and a name is declared once",
    "core/page_operations.py:_registry": "a catalogue, as that of the operations",
    "jobs/runners.py:_registry": "a catalogue: asked by kind, and a kind has one runner",
    "approvals/views/live.py:_watches": "pages that look at the same thing share one reader",
    "core/limits.py:_stores": "one connection for each address",
    "pathbound_mcp/health.py:_migrated": "asked once in the life of a process",
    "pathbound_mcp/protocol/sdk.py:_kept_lists": "a cache of answers",
}
HAND_WRITTEN_HOOKS = [
    "_sources: list[Source] = []\ndef register(source): _sources.append(source)",
    "_gates = []\ndef register_gate(gate): _gates[:] = [gate]",
    "_carriers = dict()\ndef register(carrier): _carriers[carrier.name] = carrier",
    "_seen = set()\ndef also(entry): _seen.add(entry)",
    "_ledger = None\ndef install(ledger):\n    global _ledger\n    _ledger = ledger",
]
FILLING = {"append", "add", "insert", "extend", "setdefault", "update"}


def sources() -> Iterator[Path]:
    """Our own modules, migrations left out."""
    for app in APPS:
        yield from (path for path in app.rglob("*.py") if "migrations" not in path.parts)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def found(pattern: str) -> list[str]:
    """Files whose text contains a match."""
    return [named(path) for path in sources() if re.search(pattern, path.read_text())]


def test_no_app_goes_around_the_layers() -> None:
    assert found(r"\bapps\.get_model\(") == []


def test_rows_are_reached_through_the_one_who_may_see_them() -> None:
    allowed = {"core/idempotency.py", "core/limits.py"}  # their own tables, by unique key
    bare = {
        named(path)
        for path in sources()
        if BARE_GET.search(path.read_text()) and not {"models", "models.py"} & set(path.parts)
    }

    assert bare - allowed == set()


def test_there_are_no_drawers() -> None:
    drawers = [
        named(path)
        for path in sources()
        if DRAWERS & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
    ]

    assert drawers == []


def test_nothing_shadows_the_sdk() -> None:
    assert not (ROOT / "mcp").exists()
    assert not (ROOT / "mcp.py").exists()


def test_no_file_is_too_long_to_read_in_one_go() -> None:
    assert [
        named(path) for path in sources() if len(path.read_text().splitlines()) > LONGEST_FILE
    ] == []


def test_no_function_is_too_long_to_read_at_once() -> None:
    assert [
        f"{named(path)}:{node.lineno} {node.name}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ] == []


def test_every_public_function_says_what_it_does() -> None:
    silent = [
        f"{named(path)}:{node.lineno} {node.name}"
        for path in sources()
        for node in _public(ast.parse(path.read_text()))
        if not ast.get_docstring(node)
    ]

    assert silent == []


def test_every_app_of_ours_is_in_the_import_contracts() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    packages = set(project["tool"]["importlinter"]["root_packages"])
    assert sorted(packages - {"fakes"}) == [app.name for app in APPS]


@pytest.mark.parametrize("package", ["demo", "fakes", "tests"])
def test_nothing_that_ships_imports_the_demo_fakes_or_tests(package: str) -> None:
    importers = found(rf"(?m)^\s*(from|import) {package}\b")

    assert [path for path in importers if not path.startswith("demo/")] == []


def test_every_hook_is_the_one_kind_of_core_hooks() -> None:
    filled = {
        f"{named(path)}:{name}"
        for path in sources()
        for name in _filled(ast.parse(path.read_text()))
    }

    assert filled == set(FILLED_AT_RUN_TIME)


@pytest.mark.parametrize("module", HAND_WRITTEN_HOOKS)
def test_a_hand_written_hook_is_noticed(module: str) -> None:
    assert len(_filled(ast.parse(module))) == 1


def test_no_migration_was_named_by_a_machine() -> None:
    named_by_machine = [named(path) for app in APPS for path in app.rglob("migrations/*_auto_*.py")]

    assert named_by_machine == []


def _public(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name[0] != "_":
            yield node


def _filled(module: ast.Module) -> set[str]:
    """Lists, dicts and sets a module adds to after making them, and its `global` names."""
    held = {
        name.id
        for node in module.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and _is_container(node.value)
        for name in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(name, ast.Name)
    }
    filled = {name for statement in module.body for name in _written_in(statement)}
    rebound = {
        name for node in ast.walk(module) if isinstance(node, ast.Global) for name in node.names
    }
    return held & filled | rebound


def _is_container(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in {"dict", "list", "set"}
    return isinstance(value, ast.Dict | ast.List | ast.Set)


def _written_in(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=method) if method in FILLING:
                yield name
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
                yield name
