"""The words that docs/glossary.md lists as not used do not appear."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pathbound_mcp.env import ROOT

APPS = [
    *("accounts", "agents", "api", "approvals", "core", "crm", "identities", "jobs", "oauth"),
    *("pathbound_mcp", "tools"),
]
PYTHON = [*APPS, "demo", "fakes", "bench", "tests"]
# Demo data and SQL are not texts of the product.
NOT_SHOWN = {"migrations", "mutants", "demo", "bench"}
CODE = re.compile(r"\{[%{#].*?[#%}]\}|<[^>]*>", re.DOTALL)
_TERMS, _, _TABLE = (ROOT / "docs" / "glossary.md").read_text().partition("## Not used")
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in _TABLE.splitlines()
    if line.startswith("| ") and not line.startswith("| Not used")
]


def _unused(where: str) -> list[str]:
    return [word for word, _, places in ROWS if where in places]


def in_name(name: str, words: list[str]) -> list[str]:
    """The unused words among the parts of a Python name, also in the plural."""
    parts = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
    return [
        word for word in words if re.search(rf"(?<![a-z]){_pattern(word, '_')}(?![a-z])", parts)
    ]


def in_text(text: str, words: list[str]) -> list[str]:
    """The unused words in a text, also in the plural."""
    plain = " ".join(text.lower().split())
    return [word for word in words if re.search(rf"\b{_pattern(word, '[ -]')}\b", plain)]


def _pattern(word: str, gap: str) -> str:
    return gap.join(re.escape(part) for part in re.split(r"[ -]", word)) + "s?"


def _trees(folders: list[str]) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(found for folder in folders for found in (ROOT / folder).rglob("*.py")):
        if not {"migrations", "mutants"} & set(path.parts):
            yield path, ast.parse(path.read_text())


def _names(path: Path, tree: ast.Module) -> Iterator[str]:
    yield path.stem
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def texts_of(tree: ast.Module) -> Iterator[str]:
    """Every string with a space that is not a docstring: messages, hints, labels, help."""
    nodes = list(ast.walk(tree))
    skipped = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            parts = [part for part in node.values if isinstance(part, ast.Constant)]
            skipped |= {id(part) for part in parts}
            yield " ".join(str(part.value) for part in parts)
    for node in nodes:
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in skipped
        ):
            yield node.value


def test_the_names_of_modules_classes_functions_and_tests_are_the_fields() -> None:
    unused = _unused("names")
    found = [
        f"{path.relative_to(ROOT)}: {name} ({', '.join(bad)})"
        for path, tree in _trees(PYTHON)
        for name in _names(path, tree)
        if (bad := in_name(name, unused))
    ]
    assert found == []


def test_texts_that_users_and_assistants_read_are_the_fields() -> None:
    unused = _unused("texts")
    found = [
        f"{path.relative_to(ROOT)}: {text[:80]} ({', '.join(bad)})"
        for path, tree in _trees(APPS)
        if not NOT_SHOWN & set(path.relative_to(ROOT).parts)
        for text in texts_of(tree)
        if (bad := in_text(text, unused))
    ]
    assert found == []


def test_pages_and_scripts_are_in_the_fields_words() -> None:
    unused = _unused("texts")
    files = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static").glob("*.js")]
    found = [
        f"{path.relative_to(ROOT)}: {', '.join(bad)}"
        for path in files
        if (bad := in_text(CODE.sub(" ", path.read_text()), unused))
    ]
    assert files
    assert found == []


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("open_doors", ["door"]),
        ("StandIn", ["stand-in"]),
        ("test_four_eyes_decide", ["four eyes"]),
        ("indoor_deeds", ["deed"]),
        ("officer", []),
    ],
)
def test_a_name_with_an_unused_word_is_found(name: str, bad: list[str]) -> None:
    assert in_name(name, _unused("names")) == bad


def test_a_raised_message_with_an_unused_word_is_found_and_a_docstring_is_not() -> None:
    tree = ast.parse(
        'def f(x):\n    """An outsider knocks."""\n    raise E(f"{x} opens a door.", hint="No")\n'
    )
    found = [bad for text in texts_of(tree) for bad in in_text(text, _unused("texts"))]
    assert found == ["door"]
    assert in_text("It stands on a\n  red card.", _unused("texts")) == ["red card"]


def test_the_terms_are_in_order_and_said_once() -> None:
    terms = re.findall(r"^\| ([a-z][a-z -]+?) \|", _TERMS, re.MULTILINE)
    assert len(terms) > 40
    assert terms == sorted(set(terms))
