"""`core/net.py` is the only way out (security-1): no other module opens a connection."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from pathbound_mcp.env import ROOT
from tests.contract.test_architecture import named, sources

THE_WAY_OUT = {"core/net.py", "core/net_async.py"}
# This machine only: whether the port is free and our own web process answers.
AT_HOME = {f"pathbound_mcp/supervisor/{name}.py" for name in ("loop", "run_lock", "web")}
OPENING = {
    *("socket.socket", "socket.create_connection", "asyncio.open_connection"),
    *("urllib.request.urlopen", "urlopen", "http.client.HTTPConnection"),
    *("http.client.HTTPSConnection", "ftplib.FTP", "telnetlib.Telnet"),
    *(f"requests.{verb}" for verb in ("get", "post", "put", "delete", "request", "Session")),
    *(
        f"{library}.{what}"
        for library in ("httpx", "httpx2")
        for what in ("get", "post", "put", "request", "stream", "Client", "AsyncClient")
    ),
    *("smtplib.SMTP", "smtplib.SMTP_SSL", "imaplib.IMAP4", "imaplib.IMAP4_SSL", "poplib.POP3"),
}
# A client of the standard library may be subclassed by a class that gets its socket from core.net.
HOOKS = {"_get_socket", "_create_socket"}
SUBCLASSED = {"smtplib.SMTP", "smtplib.SMTP_SSL", "imaplib.IMAP4", "imaplib.IMAP4_SSL"}


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an expression; empty for another."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def exits(tree: ast.Module) -> Iterator[str]:
    """The calls that open a connection directly."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func) in OPENING:
            yield dotted(node.func)
        if isinstance(node, ast.ImportFrom):
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from full & OPENING
        if isinstance(node, ast.ClassDef):
            own = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
            bases = {dotted(base) for base in node.bases}
            yield from (base for base in bases & SUBCLASSED if not own & HOOKS)


def exits_of(path: Path) -> list[str]:
    return sorted(exits(ast.parse(path.read_text())))


def test_nothing_but_core_net_opens_a_connection() -> None:
    found = {named(path): out for path in sources() if (out := exits_of(path))}

    assert set(found) == THE_WAY_OUT | AT_HOME, found


@pytest.mark.parametrize("name", ["identities/outgoing_mail.py", "identities/inbox/imap.py"])
def test_a_mail_client_takes_its_socket_from_core_net(name: str) -> None:
    text = (ROOT / name).read_text()

    assert "net.connect(" in text


@pytest.mark.parametrize(
    "text",
    [
        "import httpx\nhttpx.get('https://x.example')",
        "import socket\nsocket.create_connection(('x', 1))",
        "from urllib.request import urlopen",
        "import smtplib\nsmtplib.SMTP('x')",
        "import smtplib\nclass Own(smtplib.SMTP):\n    pass",
        "from httpx2 import AsyncClient",
    ],
)
def test_an_exit_would_be_seen(text: str) -> None:
    assert list(exits(ast.parse(text)))
