"""Pages change things through operations; here is every one that does not, and why (decision 1)."""

import ast
from collections.abc import Iterator
from pathlib import Path

from pathbound_mcp.env import ROOT
from tests.contract.test_architecture import named, sources

DECLARED = {"operation", "page_operation"}
NOBODY_YET = {
    "accounts.services.invitations.accept": "a person joins who has no account yet",
    "accounts.services.invitations.accept_as": "the person joins a workspace from outside it",
}


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def is_view(path: Path) -> bool:
    return "views" in path.parts


def is_declared(function: ast.FunctionDef) -> bool:
    calls = [each for each in function.decorator_list if isinstance(each, ast.Call)]
    return any(isinstance(each.func, ast.Name) and each.func.id in DECLARED for each in calls)


def writes(function: ast.FunctionDef) -> bool:
    """Whether it opens a transaction of its own or writes an audit row."""
    return any(
        ast.unparse(each) in {"unit()", "audit.record"} or ast.unparse(each).startswith("audit.rec")
        for each in ast.walk(function)
        if isinstance(each, ast.Call | ast.Attribute)
    )


def writers() -> set[str]:
    """Dotted names of the functions that write and are no operation."""
    return {
        f"{dotted(path)}.{node.name}"
        for path in sources()
        if not is_view(path)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and writes(node) and not is_declared(node)
    }


def used(path: Path) -> Iterator[str]:
    """Dotted names of what a module uses of others."""
    tree, known = ast.parse(path.read_text()), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for each in node.names:
                known[each.asname or each.name] = f"{node.module}.{each.name}"
    yield from known.values()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{known.get(node.value.id, '')}.{node.attr}"


def test_a_page_writes_by_an_operation_or_says_why_not() -> None:
    found = writers()
    assert "accounts.services.invitations.accept" in found

    by_page = {
        (named(path), name)
        for path in sources()
        if is_view(path)
        for name in used(path)
        if name in found
    }

    assert {name for _, name in by_page} == set(NOBODY_YET), sorted(by_page)
