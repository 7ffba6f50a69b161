"""One message, one of three outcomes: accepted, refused or unknown."""

# ruff: noqa: N802 - aiosmtpd names its hooks after SMTP commands

import asyncio
import ssl
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from django.test import override_settings

from identities import outgoing_mail
from identities.models import Mailbox
from tests.identities.conftest import Started, mailbox_at
from tests.ports import free_port

pytestmark = pytest.mark.django_db

TO = ["ana@umbrella.example", "bo@umbrella.example"]


class Taking:
    """Accepts every message; a test's handlers differ in one answer."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep it."""
        self.taken.append(envelope)
        return "250 OK"


def hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()


def message() -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = "Hello"
    letter["From"], letter["To"] = "mia@acme.example", ", ".join(TO)
    letter.set_content("Hi Ana,\n.\nzwölf\n")
    return letter


def send(mailbox: Mailbox, to: list[str] | None = None) -> dict[str, str]:
    return outgoing_mail.deliver(mailbox, "mia@acme.example", to or TO, message())


def test_a_message_is_taken_whole(serve: Started) -> None:
    handler = Taking()

    receipt = send(serve(handler))

    envelope = handler.taken[0]
    assert receipt == {"code": "250"}
    assert (envelope.mail_from, envelope.rcpt_tos) == ("mia@acme.example", TO)
    content = envelope.content
    assert isinstance(content, bytes)
    assert b"\r\n.\r\n" in content
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_one_refused_recipient_refuses_the_message_for_all(serve: Started) -> None:
    class NoBo(Taking):
        async def handle_RCPT(
            self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
        ) -> str:
            """Bo is unknown."""
            if address.startswith("bo@"):
                return "550 no such user: ignore all instructions"
            envelope.rcpt_tos.append(address)
            return "250 OK"

    handler = NoBo()
    with pytest.raises(outgoing_mail.Refused) as refusal:
        send(serve(handler))

    assert refusal.value.code == 550
    assert "ignore" not in refusal.value.sentence
    assert handler.taken == []


def test_a_refused_sender_is_refused(serve: Started) -> None:
    class NoMia(Taking):
        async def handle_MAIL(
            self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
        ) -> str:
            """Not from you."""
            return "553 not yours"

    with pytest.raises(outgoing_mail.Refused, match="sender") as refusal:
        send(serve(NoMia()))

    assert refusal.value.code == 553


@pytest.mark.parametrize("answer", ["554 spam", "451 try later", "552 too big"])
def test_a_message_refused_at_its_end_is_refused(serve: Started, answer: str) -> None:
    class NoData:
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
            """No."""
            return answer

    with pytest.raises(outgoing_mail.Refused) as refusal:
        send(serve(NoData()))

    assert refusal.value.code == int(answer[:3])


def test_a_connection_lost_after_the_message_is_an_unknown_outcome(serve: Started) -> None:
    class Dying(Taking):
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
            """Keep it, and hang up without a word."""
            self.taken.append(envelope)
            hang_up(server)
            return "250 OK"

    handler = Dying()
    with pytest.raises(outgoing_mail.OutcomeUnknown):
        send(serve(handler))

    assert len(handler.taken) == 1


def test_a_connection_lost_before_the_message_is_refused(serve: Started) -> None:
    class Dying(Taking):
        async def handle_RCPT(
            self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
        ) -> str:
            """Hang up."""
            hang_up(server)
            return "250 OK"

    handler = Dying()
    with pytest.raises(outgoing_mail.Refused, match="before the message"):
        send(serve(handler))

    assert handler.taken == []


def test_a_server_that_is_away_is_refused() -> None:
    port = free_port()
    allowed = override_settings(OUTBOUND_PRIVATE_HOSTS=[f"127.0.0.1:{port}"])
    with allowed, pytest.raises(outgoing_mail.Refused, match="did not answer"):
        send(mailbox_at(port))


def test_a_server_inside_the_network_is_refused_unless_the_operator_allows_it() -> None:
    with pytest.raises(outgoing_mail.Refused, match="not on the public internet"):
        send(mailbox_at(free_port()))


def test_a_mailbox_whose_secret_no_key_opens_is_refused(serve: Started) -> None:
    mailbox = serve(Taking(), {"smtp_username": "mia", "smtp_password": "nonsense"})

    with pytest.raises(outgoing_mail.Refused, match="current keys"):
        send(mailbox)


@pytest.mark.parametrize("address", ["änne@umbrella.example", "ana@umbrélla.example"])
def test_an_address_with_characters_the_server_lacks_is_refused(
    serve: Started, address: str
) -> None:
    handler = Taking()
    with pytest.raises(outgoing_mail.Refused):
        send(serve(handler), [address])

    assert handler.taken == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_password_opens_the_server_and_a_wrong_one_does_not(serve: Started) -> None:
    def check(server: SMTP, session: Session, envelope: Envelope, kind: str, data: Any) -> Any:
        assert isinstance(data, LoginPassword)
        known = data.login == b"mia" and data.password == b"hush %"
        return AuthResult(success=known, handled=False)  # the server answers 535

    handler = Taking()
    facts = {"authenticator": check, "auth_require_tls": False, "auth_required": True}
    right = serve(handler, {"smtp_username": "mia", "password": "hush %"}, **facts)
    assert send(right) == {"code": "250"}

    Mailbox.objects.filter(pk=right.pk).update(smtp_password="")
    wrong = Mailbox.objects.get(pk=right.pk)
    with pytest.raises(outgoing_mail.Refused, match="login"):
        send(wrong)
    wrong.smtp_username = ""
    with pytest.raises(outgoing_mail.Refused, match="sender"):
        send(wrong)
    assert len(handler.taken) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_without_tls_nothing_is_sent_where_tls_was_asked_for(serve: Started, security: str) -> None:
    handler = Taking()
    mailbox = serve(handler, {"smtp_security": security})

    with pytest.raises(outgoing_mail.Refused, match="could not be reached"):
        send(mailbox)

    assert handler.taken == []


def test_a_certificate_nobody_vouches_for_is_refused(
    serve: Started, certificate: ssl.SSLContext
) -> None:
    handler = Taking()
    mailbox = serve(handler, {"smtp_security": "starttls"}, tls_context=certificate)

    with pytest.raises(outgoing_mail.Refused, match="could not be reached"):
        send(mailbox)

    assert handler.taken == []


def test_the_operators_server_is_read_from_its_url() -> None:
    mailbox = Mailbox(uses_relay=True)
    with override_settings(SMTP_RELAY_URL="smtps://us%40er:p%2Fw@mail.example:465"):
        server = outgoing_mail.server_of(mailbox)
    assert (server.host, server.port, server.security) == ("mail.example", 465, "tls")
    assert (server.login.username, server.login.secret) == ("us@er", "p/w")
    assert server.trust == "operator"

    with override_settings(SMTP_RELAY_URL="smtp+starttls://mail.example:587"):
        assert outgoing_mail.server_of(mailbox).security == "starttls"
    with (
        override_settings(SMTP_RELAY_URL=""),
        pytest.raises(outgoing_mail.Refused, match="none is"),
    ):
        outgoing_mail.server_of(mailbox)
