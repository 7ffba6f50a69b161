"""Rules and decisions refer only to existing names, and every rule id in use exists."""

import re
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import get_commands

from pathbound_mcp.env import ROOT
from tests.contract import test_glossary

RULES, DECISIONS = ROOT / "docs" / "rules", ROOT / "docs" / "decisions"
TOPICS = sorted(page.stem for page in RULES.glob("*.md") if page.stem != "README")
NAMED = re.compile(rf"(?<![\w-])(?:{'|'.join(TOPICS)})-\d+(?![\w-])")
OLD = re.compile(r"(?<!\d )\brules \d+")
DECISION = re.compile(r"\bdecisions? (\d+)\b|docs/decisions/(\d{4})")
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
PACKAGES = {folder.name for folder in ROOT.iterdir() if (folder / "__init__.py").exists()}
SUFFIXES = {".py", ".md", ".html", ".js", ".toml"}
FOLDERS = sorted({*PACKAGES, "docs", "bin", "deploy", "static", "templates"})


def texts() -> Iterator[tuple[str, str]]:
    """Every text of the project by path, without this file, which names missing rules."""
    files = [*ROOT.glob("*.md"), *(file for name in FOLDERS for file in (ROOT / name).rglob("*"))]
    for file in files:
        if file.suffix in SUFFIXES and file != Path(__file__):
            yield str(file.relative_to(ROOT)), file.read_text()


def rule_ids() -> list[str]:
    """The ids of all rules, as their headings give them."""
    pages = [(RULES / f"{topic}.md").read_text() for topic in TOPICS]
    return [found for page in pages for found in re.findall(r"(?m)^### (.+)$", page)]


def pages_with_paths() -> list[Path]:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "deploy" / "README.md"]
    history = ROOT / "CHANGELOG.md"
    return sorted([*RULES.glob("*.md"), *DECISIONS.glob("*.md"), *{*pages} - {history}])


def is_there(name: str) -> bool:
    """Whether a file, folder, command, Make target, module, attribute or model has this name."""
    first, _, rest = name.partition(" ")
    if first == "manage.py":
        return not rest or rest.split(" ")[0] in get_commands()
    if first == "make":
        return f"\n{rest.split(' ')[0]}:" in (ROOT / "Makefile").read_text()
    if "." in name and name.split(".")[0] in PACKAGES and "/" not in name:
        return _resolves(name)
    return (ROOT / name.partition(":")[0]).exists()  # test_walks.py looks for the functions


def _resolves(dotted: str) -> bool:
    """Whether it is a module, or what one defines; `agents.Run` is a model of the app."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        for module in (".".join(parts[:end]), ".".join([*parts[:end], "models"])):
            try:
                found = import_module(module)
            except ImportError:
                continue
            for part in parts[end:]:
                found = getattr(found, part, None)  # type: ignore[assignment]
            if found is not None:
                return True
    return False


def looks_like_ours(name: str) -> bool:
    """Whether it names something of this repository: a path, a command, a dotted name."""
    first = re.split(r"[ ./]", name)[0]
    is_path = "/" in name and first in FOLDERS and "<" not in name
    is_dotted = re.fullmatch(r"[a-z_]+(\.\w+)+", name) is not None and first in PACKAGES
    is_dotted &= Path(name).suffix not in SUFFIXES
    return is_path or is_dotted or name.startswith(("manage.py ", "make "))


def missing_in(page: str) -> list[str]:
    """Names in backticks on a page that do not exist."""
    names = [name.strip() for name in CODE.findall(page)]
    return [name for name in names if looks_like_ours(name) and not is_there(name)]


def unknown_rules(text: str) -> list[str]:
    """The rules a text names that do not exist."""
    known = set(rule_ids())
    return [name for name in NAMED.findall(text) if name not in known] + OLD.findall(text)


def test_every_rule_has_an_id_of_its_topic_and_of_its_own() -> None:
    ids = rule_ids()

    assert [name for name, times in Counter(ids).items() if times > 1] == []
    assert [name for name in ids if not NAMED.fullmatch(name)] == []
    for topic in TOPICS:
        assert f"### {topic}-1\n" in (RULES / f"{topic}.md").read_text()
        assert f"({topic}.md)" in (RULES / "README.md").read_text()


def test_every_rule_that_is_named_exists() -> None:
    assert {path: found for path, text in texts() if (found := unknown_rules(text))} == {}


def test_every_decision_that_is_named_exists() -> None:
    there = {int(page.name[:4]) for page in DECISIONS.glob("0*.md")}
    named = {
        (path, int(number or file))
        for path, text in texts()
        for number, file in DECISION.findall(text)
    }

    assert [found for found in sorted(named) if found[1] not in there] == []


def test_every_decision_says_context_decision_and_consequences() -> None:
    index = (DECISIONS / "README.md").read_text()

    for page in DECISIONS.glob("0*.md"):
        headings = re.findall(r"(?m)^## (.+)$", page.read_text())
        assert (page.name, headings) == (page.name, ["Context", "Decision", "Consequences"])
        assert f"]({page.name})" in index


@pytest.mark.parametrize("page", pages_with_paths(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_is_named_exists(page: Path) -> None:
    text = page.read_text()
    links = [name.split("#")[0] for name in LINK.findall(text) if ":" not in name]

    assert missing_in(text) == []
    assert [name for name in links if not (page.parent / name).exists()] == []


@pytest.mark.parametrize("page", pages_with_paths(), ids=lambda page: str(page.relative_to(ROOT)))
def test_documentation_uses_the_words_of_the_glossary(page: Path) -> None:
    unused = [word for word, _, where in test_glossary.ROWS if "texts" in where]

    assert page.name == "glossary.md" or test_glossary.in_text(page.read_text(), unused) == []


@pytest.mark.parametrize(
    "text",
    [
        "`core.db.unity` opens a transaction",
        "`crm/filters.py` is the grammar",
        "`core.operations.gate` is a hook",
        "`manage.py fly`",
        "`make coffee`",
    ],
)
def test_a_path_that_does_not_exist_is_noticed(text: str) -> None:
    assert missing_in(text) != []


@pytest.mark.parametrize("text", ["(approvals-999)", "(rules 6)", "see data-0"])
def test_a_rule_that_does_not_exist_is_noticed(text: str) -> None:
    assert unknown_rules(text) != []
