"""A logged-in IMAP session with a sender's mailbox, over the one way out (RFC 9051)."""

import imaplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from core import net
from core.errors import Unavailable
from identities.models import Mailbox
from identities.providers.http import Denied

TIMEOUT_SECONDS = 15


@contextmanager
def session(mailbox: Mailbox) -> Iterator[imaplib.IMAP4]:
    """A session that is logged in. Raises Denied for a refused login, Unavailable otherwise.

    Also raises what core.net raises for a host that is not contacted.
    """
    imap = _connected(mailbox)
    try:
        _log_in(imap, mailbox)
        yield imap
    except (OSError, imaplib.IMAP4.error) as error:
        raise Unavailable("The IMAP server broke off.", hint="Try again later.") from error
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            imap.logout()


def check(mailbox: Mailbox) -> None:
    """Log in and look at the inbox without changing it; raises what `session` raises."""
    with session(mailbox) as imap:
        status, _ = imap.select("INBOX", readonly=True)
        if status != "OK":
            raise Unavailable("The IMAP server has no inbox for this login.")


def _connected(mailbox: Mailbox) -> imaplib.IMAP4:
    net.refuse_leaving_demo(mailbox.imap_host)
    try:
        imap = _Pinned(mailbox)
        if mailbox.imap_security == "starttls":
            imap.starttls(ssl_context=ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        raise Unavailable("The IMAP server's certificate is not one we trust.") from error
    except (OSError, imaplib.IMAP4.error) as error:
        raise Unavailable(
            "The IMAP server could not be reached.", hint="Check host, port and TLS."
        ) from error
    return imap


def _log_in(imap: imaplib.IMAP4, mailbox: Mailbox) -> None:
    try:
        imap.login(mailbox.smtp_username, mailbox.opened().get("password", ""))
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise Denied("The IMAP server refused the login.") from error


class _Pinned(imaplib.IMAP4):
    """Connects to the address core.net judged, with TLS from the start where it is asked for."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._with_tls = mailbox.imap_security == "tls"
        super().__init__(mailbox.imap_host, mailbox.imap_port or 993, TIMEOUT_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = net.connect(self.host, self.port, timeout=timeout or TIMEOUT_SECONDS)
        if not self._with_tls:
            return plain
        return ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
