"""Redirect addresses: which may be registered, and which of them match."""

import pytest

from oauth.redirects import destination_of, matches

REGISTERED = "https://app.example/cb"
LOOPBACK = "http://127.0.0.1:8123/cb"

VARIANTS = [
    "https://app.example/cb/",
    "https://app.example/cb?x=1",
    "https://app.example/cb#x",
    "https://app.example/cb\n",
    "https://app.example/cb%0a",
    " https://app.example/cb",
    "https://APP.example/cb",
    "HTTPS://app.example/cb",
    "https://app.example:443/cb",
    "https://app.example:8443/cb",
    "http://app.example/cb",
    "https://app.example./cb",
    "https://app.example@evil.example/cb",
    "https://evil.example/cb",
    "https://app.example.evil.example/cb",
    "https://evil.example/https://app.example/cb",
    "https://app.example/cb/../cb",
    "https://app.example/./cb",
    "https://app.example//cb",
    "https://app.example\\@evil.example/cb",
    "https://app.example/c%62",
    "//app.example/cb",
    "https:app.example/cb",
    "https:///app.example/cb",
    "javascript://app.example/cb",
    "https://аpp.example/cb",
    "https://app.example/cb;x",
    "https://app.example/CB",
    "https://*.example/cb",
    "https://app.example/cb\x00",
    "",
]


@pytest.mark.parametrize("variant", VARIANTS)
def test_only_the_very_text_that_was_registered_matches(variant: str) -> None:
    assert matches(REGISTERED, REGISTERED)
    assert not matches(REGISTERED, variant)


@pytest.mark.parametrize(
    "variant", ["http://127.0.0.1:1/cb", "http://127.0.0.1/cb", "http://127.0.0.1:65535/cb"]
)
def test_loopback_matches_on_any_port(variant: str) -> None:
    assert matches(LOOPBACK, variant)
    assert matches("http://127.0.0.1/cb", variant)


@pytest.mark.parametrize(
    "variant",
    [
        "http://localhost:8123/cb",
        "http://127.0.0.2:8123/cb",
        "http://127.0.0.1:8123/other",
        "http://127.0.0.1:8123/cb?x",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:8123@evil.example/cb",
        "http://127.0.0.1.evil.example:8123/cb",
        "https://127.0.0.1:8123/cb",
        "http://2130706433:8123/cb",
        "http://[::1]:8123/cb",
    ],
)
def test_loopback_differs_in_everything_but_the_port(variant: str) -> None:
    assert not matches(LOOPBACK, variant)


@pytest.mark.parametrize(
    ("uri", "kind", "host"),
    [
        ("https://claude.ai/api/mcp/auth_callback", "web", "claude.ai"),
        ("https://claude.com/api/mcp/auth_callback", "web", "claude.com"),
        ("https://chatgpt.com/connector/oauth/abc-1_2", "web", "chatgpt.com"),
        ("https://vscode.dev/redirect", "web", "vscode.dev"),
        ("http://localhost/", "loopback", "loopback"),
        ("http://127.0.0.1:33418/", "loopback", "loopback"),
        ("http://[::1]:33418/callback", "loopback", "loopback"),
        ("http://localhost:6274/oauth/callback/debug", "loopback", "loopback"),
        ("cursor://anysphere.cursor-mcp/oauth/callback", "scheme", "cursor:"),
    ],
)
def test_the_addresses_of_known_apps_may_be_registered(uri: str, kind: str, host: str) -> None:
    found = destination_of(uri)
    assert found is not None
    assert (found.kind, found.host) == (kind, host)


@pytest.mark.parametrize(
    "uri",
    [
        "http://evil.example/cb",
        "https://claude.ai@evil.example/cb",
        "https://user:pass@evil.example/cb",
        "https://evil.example/cb#fragment",
        "https://evil.example/a b",
        "https://evil.example/\u202e",
        "https://evil.example\\.claude.ai/",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "myapp://callback",
        "https://",
        "https:///x",
        "https://[::1/",
        "https://evil.example:99999/",
        "https://EVIL.example/",
        "cursor:x",
        "https://e.example/" + "a" * 600,
    ],
)
def test_other_addresses_may_not_be_registered(uri: str) -> None:
    assert destination_of(uri) is None
