"""Sending one message through a sender's mailbox: SMTP by the standard library.

There are three outcomes: delivered to the server, refused by it (nothing was sent), or unknown (the
connection broke after the body was sent). The caller decides how to handle an unknown outcome.
"""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from django.conf import settings

from core import net
from core.errors import AppError
from identities import channels
from identities.mail_logins import Login, Server, forget_token, login_of
from identities.models import Mailbox
from identities.providers.http import Denied

TIMEOUT_SECONDS = 15


class Refused(Exception):
    """The server refused before it accepted the message; `code` is its SMTP code, or 0.

    `is_login`: it refused name and password.
    """

    def __init__(self, sentence: str, code: int = 0, *, is_login: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
        self.is_login = is_login


class OutcomeUnknown(Exception):
    """The connection broke after the message may have been accepted."""


def deliver(
    mailbox: Mailbox, sender: str, recipients: list[str], message: EmailMessage
) -> dict[str, str]:
    """Send the message, once; returns the server's code and its refusals by address.

    Raises Refused when nothing was sent, OutcomeUnknown when it may have been.
    """
    if mailbox.is_paused:
        raise Refused(f"The mailbox is paused: {mailbox.state_sentence}")
    with session(mailbox) as smtp:
        _open_transaction(smtp, sender, recipients)
        try:
            code, _ = smtp.data(message.as_bytes(policy=message.policy.clone(linesep="\r\n")))
        except smtplib.SMTPDataError as error:
            raise Refused("The mail server rejected the message.", error.smtp_code) from error
        except (OSError, smtplib.SMTPException) as error:
            raise OutcomeUnknown from error
    if code != 250:
        raise Refused("The mail server rejected the message.", code)
    return {"code": str(code)}  # no database work in between: the outcome must be stored


def server_of(mailbox: Mailbox) -> Server:
    """The server a mailbox sends through; raises Refused when the operator's is not configured.

    Raises ValidationFailed in a demo for a server elsewhere.
    """
    if not mailbox.uses_relay:
        net.refuse_leaving_demo(mailbox.smtp_host)
        return Server(
            host=mailbox.smtp_host,
            port=mailbox.smtp_port or 0,
            security=mailbox.smtp_security,
            login=login_of(mailbox) if mailbox.smtp_username else Login(),
            trust=net.Trust.USER,
        )
    relay = urlsplit(settings.SMTP_RELAY_URL)
    if not relay.hostname:
        raise Refused("This sender uses the operator's mail server, but none is configured.")
    return Server(
        host=relay.hostname,
        port=relay.port or 25,
        security={"smtps": "tls", "smtp+starttls": "starttls"}.get(relay.scheme, "none"),
        login=Login(unquote(relay.username or ""), unquote(relay.password or "")),
        trust=net.Trust.OPERATOR,
    )


@contextmanager
def session(mailbox: Mailbox) -> Iterator[smtplib.SMTP]:
    """A logged-in session; everything that fails before the message is Refused, to be retried.

    A refused login pauses the mailbox.
    """
    try:
        smtp = _signed_in(mailbox)
    except Denied as error:  # the consent was revoked
        raise _login_refused(mailbox, 535, error.sentence) from error
    except AppError as error:  # an address we do not contact, a secret no key opens
        raise Refused(error.message) from error
    except smtplib.SMTPAuthenticationError as error:
        raise _login_refused(mailbox, error.smtp_code) from error
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        code = getattr(error, "smtp_code", 0)
        raise Refused(
            "The mail server could not be reached or rejected the login.", code
        ) from error
    try:
        yield smtp
    finally:
        # The message's fate is known by now; a rude goodbye does not change it.
        try:
            smtp.quit()
        except (OSError, smtplib.SMTPException):
            smtp.close()


def _login_refused(
    mailbox: Mailbox, code: int, sentence: str = "The mail server rejected the login."
) -> Refused:
    if code < 500:  # RFC 4954 6: 454 is a temporary failure
        return Refused("The mail server could not check the login right now.", code)
    channels.note_failure(mailbox, sentence)
    return Refused(sentence, code, is_login=True)


def _signed_in(mailbox: Mailbox) -> smtplib.SMTP:
    server = server_of(mailbox)
    try:
        return _connect(server)
    except smtplib.SMTPAuthenticationError:
        if not server.login.by_token:
            raise
    forget_token(mailbox)
    return _connect(server_of(mailbox))


def _connect(server: Server) -> smtplib.SMTP:
    smtp = _PinnedSMTP(server) if server.security != "tls" else _PinnedSMTPTLS(server)
    try:
        if server.security == "starttls":
            smtp.starttls(context=ssl.create_default_context())
        if server.login.by_token:
            smtp.ehlo_or_helo_if_needed()
            # A second challenge is the server's reason; the empty answer ends the exchange.
            smtp.auth("XOAUTH2", lambda reason=None: "" if reason else server.login.xoauth2)
        elif server.login.username:
            smtp.login(server.login.username, server.login.secret)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _open_transaction(smtp: smtplib.SMTP, sender: str, recipients: list[str]) -> None:
    """MAIL FROM and every RCPT TO; one refused recipient refuses the whole message."""
    try:
        smtp.ehlo_or_helo_if_needed()
        code, _ = smtp.mail(sender)
        if code != 250:
            raise Refused("The mail server rejected the sender.", code)
        for address in recipients:
            code, _ = smtp.rcpt(address)
            if code not in {250, 251}:
                raise Refused("The mail server rejected a recipient.", code)
    except (OSError, smtplib.SMTPException) as error:
        raise Refused(
            "The mail server closed the connection before the message was sent."
        ) from error
    except UnicodeError as error:
        raise Refused("An address contains characters that plain SMTP does not support.") from error


class _PinnedSMTP(smtplib.SMTP):
    """Connects to the address core.net resolved and checked, not to what a second lookup says."""

    def __init__(self, server: Server) -> None:
        self._server = server
        super().__init__(server.host, server.port, timeout=TIMEOUT_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return net.connect(host, port, trust=self._server.trust, timeout=timeout)


class _PinnedSMTPTLS(_PinnedSMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
