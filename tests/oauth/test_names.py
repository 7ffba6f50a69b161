"""Self-given names: cleaned, short, and never a borrowed product's."""

import pytest

from oauth.names import shown_name
from oauth.redirects import Destination, destination_of

EVIL = "https://evil.example/cb"


def at(uri: str) -> Destination:
    found = destination_of(uri)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "name",
    [
        "Claude",
        "CLAUDE.AI",
        "C l a u d e",
        "Cl\u200baude",
        "Cla\u202eude",
        "Ｃｌａｕｄｅ",
        "Сlaudе",
        "Cl4ude",
        "Çlaudé",
        "Anthropic login",
        "ChatGPT",
        "0penAI",
        "Cursor",
        "VS Code",
        "Visual Studio Code",
        "Codex CLI",
        "Pathbound support",
    ],
)
def test_a_borrowed_name_is_not_shown(name: str) -> None:
    shown = shown_name(name, at(EVIL), "abc")
    assert shown.withheld
    assert shown.text == ""


@pytest.mark.parametrize(
    ("name", "uri", "client_id"),
    [
        ("Claude", "https://claude.ai/api/mcp/auth_callback", "abc"),
        ("ChatGPT", "https://chatgpt.com/connector/oauth/x", "abc"),
        ("Visual Studio Code", "https://vscode.dev/redirect", "abc"),
        ("Cursor", "cursor://anysphere.cursor-mcp/oauth/callback", "abc"),
        ("Claude Code", "http://localhost:1/callback", "https://claude.ai/oauth/claude-code"),
        ("My helper", EVIL, "abc"),
    ],
)
def test_a_name_is_shown_to_its_own_home(name: str, uri: str, client_id: str) -> None:
    assert shown_name(name, at(uri), client_id).text == name


def test_a_document_elsewhere_does_not_lend_a_name() -> None:
    shown = shown_name("Claude", at(EVIL), "https://claude.ai.evil.example/doc")
    assert shown.withheld


def test_a_name_is_one_short_visible_line() -> None:
    shown = shown_name("A\u202eB\u200b\nC" + "x" * 100, at(EVIL), "abc").text
    assert len(shown) == 60
    assert shown.startswith("AB Cx")
