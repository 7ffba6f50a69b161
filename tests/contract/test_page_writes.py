"""Pages change things through operations; here is every one that does not, and why (decision 1)."""

import ast
from collections.abc import Iterator
from pathlib import Path

from pathbound_mcp.env import ROOT
from tests.contract.test_architecture import named, sources

DECLARED = {"operation", "page_operation"}
OF_A_LOGIN = "moves on a login at the provider, between calls to it"
CALLS_OUT = "asks another server, which no transaction may wait for (data-3)"
EXCEPTIONS = {
    "accounts.services.audit_trail.export": "the row of a copy is written, then the copy streams",
    "accounts.services.invitations.accept": "a person joins who has no account yet",
    "accounts.services.invitations.accept_as": "a person joins who is no member yet",
    "identities.providers.linkedin.login.hosted.begin": CALLS_OUT,
    "identities.providers.linkedin.login.hosted.leave_hosted": OF_A_LOGIN,
    "identities.providers.linkedin.login.hosted.visitor_returned": OF_A_LOGIN,
    "identities.providers.linkedin.login.steps.log_in": CALLS_OUT,
    "identities.providers.linkedin.login.steps.resend": CALLS_OUT,
    "identities.services.connection_tests.send_test_message": CALLS_OUT,
    "identities.services.connection_tests.try_channel": CALLS_OUT,
    "identities.services.connection_tests.try_mailbox": CALLS_OUT,
    "identities.services.consents.begin": CALLS_OUT,
    "identities.services.consents.finish_consent": CALLS_OUT,
}


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def is_view(path: Path) -> bool:
    return bool({"views", "views.py"} & set(path.parts))


def is_declared(function: ast.FunctionDef) -> bool:
    calls = [each for each in function.decorator_list if isinstance(each, ast.Call)]
    return any(isinstance(each.func, ast.Name) and each.func.id in DECLARED for each in calls)


def writes(function: ast.FunctionDef, writing: set[str]) -> bool:
    """Whether it opens a transaction, writes an audit row, or calls one of the `writing`."""
    calls = [ast.unparse(each) for each in ast.walk(function) if isinstance(each, ast.Call)]
    names = {call.split("(")[0] for call in calls}
    return "unit()" in calls or bool(names & {"audit.record", *writing})


def writers() -> set[str]:
    """Dotted names of the functions that write and are not operations."""
    found: set[str] = set()
    for path in sources():
        if is_view(path):
            continue
        tree = ast.parse(path.read_text())
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        writing: set[str] = set()
        for _ in functions:  # as deep as one calls another
            writing |= {node.name for node in functions if writes(node, writing)}
        found |= {
            f"{dotted(path)}.{node.name}"
            for node in functions
            if node.name in writing and not is_declared(node)
        }
    return found


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

    assert {name for _, name in by_page} == set(EXCEPTIONS), sorted(by_page)
