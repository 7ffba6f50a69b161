"""Fetching from a mailbox by IMAP (RFC 9051), with the standard library, through core.net.

Reads only: folders are opened with EXAMINE and bodies fetched with PEEK, so nothing is marked read.
"""

import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from core import net
from core.errors import AppError, Unavailable
from identities.mail_logins import Server, forget_token, login_of
from identities.models import Mailbox
from identities.providers.http import Denied

TIMEOUT_SECONDS = 20
MAX_BYTES = 262_144  # bytes of one message; the rest is attachments, which are not stored
_UID = re.compile(rb"UID (\d+)")
_FOLDER = re.compile(rb'^\((?P<flags>[^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?P<name>.+)$')
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
# Exceptions of imaplib, the network and TLS.
_FAULTS = (imaplib.IMAP4.error, OSError, UnicodeError, ssl.SSLError)


class LoginRefused(Unavailable):
    """The server does not accept the name and password: trying again does not help."""


@dataclass(frozen=True, slots=True)
class Place:
    """An opened folder: a new `validity` means that all UIDs were reassigned (RFC 9051 2.3.1.1)."""

    validity: int
    next_uid: int


class Session:
    """A logged-in session. Every method raises Unavailable when the server fails."""

    def __init__(self, client: imaplib.IMAP4) -> None:
        self._client = client

    def sent_folder(self) -> str | None:
        """The folder marked as holding sent mail (RFC 6154), or None."""
        for row in _rows(lambda: self._client.list()):
            found = _FOLDER.match(row) if isinstance(row, bytes) else None
            if found and b"\\sent" in found["flags"].lower().split():
                return found["name"].decode("ascii", "replace").strip('"')
        return None

    def open(self, folder: str) -> Place:
        """Open a folder for reading."""
        quoted = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
        _rows(lambda: self._client.select(quoted, readonly=True))
        return Place(self._number("UIDVALIDITY"), self._number("UIDNEXT"))

    def since(self, day: date) -> list[int]:
        """The UIDs of messages that arrived on that day or later."""
        return self._search("SINCE", f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}")

    def after(self, uid: int) -> list[int]:
        """The UIDs above this one."""
        # `n:*` always holds the last message, even where its UID is below n.
        return [found for found in self._search("UID", f"{uid + 1}:*") if found > uid]

    def fetch(self, uids: list[int]) -> Iterator[tuple[int, bytes]]:
        """Each message's UID and its first 256 KiB; messages deleted meanwhile are left out."""
        parts = f"(UID BODY.PEEK[]<0.{MAX_BYTES}>)"
        for row in _rows(lambda: self._client.uid("FETCH", ",".join(map(str, uids)), parts)):
            found = _UID.search(row[0]) if isinstance(row, tuple) else None
            if found:
                yield int(found.group(1)), row[1]

    def _search(self, *criteria: str) -> list[int]:
        rows = _rows(lambda: self._client.uid("SEARCH", *criteria))
        return sorted(int(word) for row in rows if row for word in row.split())

    def _number(self, name: str) -> int:
        _, rows = self._client.response(name)
        text = rows[0] if rows and rows[0] else b"0"
        return int(text) if text.isdigit() else 0


def _rows(call: Callable[[], tuple[str, list[Any]]]) -> list[Any]:
    try:
        kind, rows = call()
    except _FAULTS as error:
        raise Unavailable(
            "The mail server closed the connection.", hint="Try again later."
        ) from error
    if kind != "OK":
        raise Unavailable("The mail server refused access to a folder.")
    return [row for row in rows if row is not None]


@contextmanager
def session(mailbox: Mailbox) -> Iterator[Session]:
    """A session that ends with the block; raises Unavailable, LoginRefused for a wrong password.

    Also raises core.net's errors for a refused host.
    """
    client = _signed_in(mailbox)
    try:
        yield Session(client)
    finally:
        try:
            client.logout()
        except _FAULTS:
            client.shutdown()


def server_of(mailbox: Mailbox) -> Server:
    """Where the mailbox is read. Raises ValidationFailed in a demo for a server elsewhere."""
    net.refuse_leaving_demo(mailbox.imap_host)
    return Server(
        host=mailbox.imap_host,
        port=mailbox.imap_port or 993,
        security=mailbox.imap_security,
        login=login_of(mailbox),
        trust=net.Trust.USER,
    )


def _signed_in(mailbox: Mailbox) -> imaplib.IMAP4:
    try:
        server = server_of(mailbox)
        try:
            return _logged_in(server)
        except LoginRefused:
            if not server.login.by_token:
                raise
        forget_token(mailbox)
        return _logged_in(server_of(mailbox))
    except Denied as error:  # the consent was revoked
        raise LoginRefused(error.sentence) from error


def _connected(server: Server) -> imaplib.IMAP4:
    try:
        client = _PinnedTLS(server) if server.security == "tls" else _Pinned(server)
        if server.security == "starttls":
            client.starttls(ssl.create_default_context())
    except AppError:
        raise
    except ssl.SSLCertVerificationError as error:
        raise Unavailable("The IMAP server's certificate is not trusted.") from error
    except _FAULTS as error:
        raise Unavailable(
            "The IMAP server could not be reached.", hint="Check host, port and TLS."
        ) from error
    return client


def _logged_in(server: Server) -> imaplib.IMAP4:
    client, login = _connected(server), server.login
    try:
        if login.by_token:
            # A second challenge is the server's reason; the empty answer ends the exchange.
            client.authenticate("XOAUTH2", lambda reason: b"" if reason else login.xoauth2.encode())
        else:
            client.login(login.username, login.secret)
    except (imaplib.IMAP4.abort, OSError) as error:
        client.shutdown()
        raise Unavailable(
            "The IMAP server closed the connection.", hint="Try again later."
        ) from error
    except (imaplib.IMAP4.error, UnicodeError) as error:
        client.shutdown()
        raise LoginRefused(
            "The IMAP server rejected the login.",
            hint="Re-enter the password under Settings, Senders.",
        ) from error
    return client


class _Pinned(imaplib.IMAP4):
    """Connects to the address core.net resolved and checked, not to what a second lookup says."""

    def __init__(self, server: Server) -> None:
        self._server = server
        super().__init__(server.host, server.port, timeout=TIMEOUT_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return net.connect(
            self._server.host,
            self._server.port,
            trust=self._server.trust,
            timeout=timeout or TIMEOUT_SECONDS,
        )


class _PinnedTLS(_Pinned):
    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = super()._create_socket(timeout)
        return ssl.create_default_context().wrap_socket(plain, server_hostname=self._server.host)
