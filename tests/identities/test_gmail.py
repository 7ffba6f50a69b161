"""Gmail by Google's consent: one round trip, mail with XOAUTH2, and an end reported once."""

import base64
import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from django.test import Client, override_settings

from approvals.models import Attention
from core import clock
from fakes.google import ADDRESS, CLIENT_ID, CLIENT_SECRET
from identities import outgoing_mail, secrets
from identities.inbox import imap
from identities.models import Mailbox
from identities.models.connected import OK, PAUSED, UNCHECKED
from identities.services import connection_tests
from tests import fakes
from tests.fakes import Provider
from tests.identities import dovecot
from tests.identities.conftest import identities_team
from tests.ports import free_port
from tests.team import Team

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
needs_dovecot = pytest.mark.skipif(dovecot.BINARY is None, reason="Dovecot is not installed")


class Receiver:
    """An SMTP server that accepts only a token from Google."""

    def __init__(self, google: Provider) -> None:
        self.google = google
        self.taken: list[Envelope] = []

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """The mechanism as Gmail documents it: a refusal is a challenge with the reason."""

        user, auth, *_ = base64.b64decode(args[1]).decode().split("\1")
        token = auth.removeprefix("auth=Bearer ")
        answer = httpx.get(f"{self.google.origin}/tokeninfo", params={"access_token": token})
        if answer.status_code == 200 and user == f"user={answer.json()['email']}":
            return AuthResult(success=True)
        await server.challenge_auth(b'{"status":"400","schemes":"Bearer"}')
        return AuthResult(success=False, handled=False)

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep it."""
        self.taken.append(envelope)
        return "250 OK"


@dataclass
class Gmail:
    """Google and its mail servers, as an admin meets them."""

    team: Team
    google: Provider
    receiver: Receiver
    browser: Client

    def connect(self) -> Any:
        """Through Google's page and back, as a browser goes."""
        to_google = self.browser.get(f"/settings/senders/{self.team.sender.pk}/gmail/")
        assert to_google.status_code == 302, to_google.content
        back = httpx.get(to_google["Location"]).headers["Location"]
        return self.browser.get(back.removeprefix("http://127.0.0.1:8000"), follow=True)

    @property
    def mailbox(self) -> Mailbox:
        return Mailbox.objects.select_related("identity").get()

    def refreshed(self) -> int:
        """How many access tokens were requested."""
        return sum("refreshed" in effect for effect in self.google.effects("/token"))

    def withdraw(self) -> None:
        """The person revokes the access at Google."""
        httpx.post(f"{self.google.origin}/revoke")


@pytest.fixture
def gmail(
    certificate: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: Client
) -> Iterator[Gmail]:
    team = identities_team()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert"))
    with contextlib.ExitStack() as stack:
        google = stack.enter_context(fakes.running("google", tmp_path))
        receiver, port = Receiver(google), free_port()
        controller = Controller(
            receiver, hostname="127.0.0.1", port=port, tls_context=certificate, auth_required=True
        )
        controller.start()
        stack.callback(controller.stop)
        reading = (
            stack.enter_context(dovecot.running(tmp_path, f"{google.origin}/tokeninfo"))
            if dovecot.BINARY
            else free_port()
        )
        stack.enter_context(
            override_settings(
                GOOGLE_CLIENT_ID=CLIENT_ID,
                GOOGLE_CLIENT_SECRET=CLIENT_SECRET,
                GOOGLE_AUTHORIZE_URL=f"{google.origin}/o/oauth2/v2/auth",
                GOOGLE_TOKEN_URL=f"{google.origin}/token",
                OUTBOUND_OPERATOR_ORIGINS=[google.origin],
                OUTBOUND_PRIVATE_HOSTS=[f"127.0.0.1:{port}", f"127.0.0.1:{reading}"],
                GMAIL_SMTP_URL=f"smtp://127.0.0.1:{port}",
                GMAIL_IMAP_URL=f"imap://127.0.0.1:{reading}",
            )
        )
        log_in(client, team)
        yield Gmail(team, google, receiver, client)


def log_in(client: Client, team: Team) -> None:
    """Alice, with a fresh login."""

    client.force_login(team.alice.user)
    session = client.session
    session["authenticated_at"] = clock.now().timestamp()
    session.save()


def message() -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = ADDRESS, "ana@umbrella.example", "Hi"
    made.set_content("Hello")
    return made


def send(mailbox: Mailbox) -> None:
    outgoing_mail.deliver(mailbox, ADDRESS, ["ana@umbrella.example"], message())


def test_a_consent_connects_the_mailbox_without_a_password(gmail: Gmail) -> None:
    page = gmail.connect()

    assert "connected. Test it" in page.content.decode(), page.content.decode()
    mailbox = gmail.mailbox
    assert f"{ADDRESS} connected" in page.content.decode()
    assert (mailbox.address, mailbox.signs_in, mailbox.state) == (ADDRESS, "google", UNCHECKED)
    assert (mailbox.smtp_security, mailbox.imap_security) == ("starttls", "starttls")
    assert mailbox.opened()["password"].startswith("1//refresh")
    assert "refresh" not in mailbox.smtp_password
    assert "1//refresh" not in page.content.decode()


@needs_dovecot
def test_it_sends_and_reads_with_one_token_for_both(gmail: Gmail) -> None:
    gmail.connect()

    steps = connection_tests.try_mailbox(gmail.team.fresh_admin, str(gmail.mailbox.pk))
    send(gmail.mailbox)

    assert [step.worked for step in steps] == [True, True], steps
    assert [envelope.rcpt_tos for envelope in gmail.receiver.taken] == [["ana@umbrella.example"]]
    assert gmail.mailbox.state == OK
    assert gmail.refreshed() == 1


def test_a_token_is_renewed_before_it_ends_and_when_a_server_refuses_it(gmail: Gmail) -> None:
    gmail.connect()
    send(gmail.mailbox)
    before = gmail.mailbox
    Mailbox.objects.update(access_until=clock.now() + timedelta(seconds=90))
    send(gmail.mailbox)
    assert gmail.refreshed() == 2

    # Not the token the server knows any more.
    sealed = secrets.seal("ya29.other", bound_to=str(before.pk))
    Mailbox.objects.update(access_token=sealed)
    send(gmail.mailbox)

    assert gmail.refreshed() == 3
    assert len(gmail.receiver.taken) == 3


def test_a_withdrawn_consent_pauses_the_mailbox_and_is_told_once(gmail: Gmail) -> None:
    gmail.connect()
    send(gmail.mailbox)
    gmail.withdraw()

    for _ in range(3):
        with pytest.raises(outgoing_mail.Refused):
            send(gmail.mailbox)
    told = pytest.raises(imap.LoginRefused, match="Google revoked access")
    with told, imap.session(gmail.mailbox):
        pass

    mailbox = gmail.mailbox
    assert (mailbox.state, mailbox.state_sentence) == (
        PAUSED,
        "Google revoked access: connect Gmail again.",
    )
    rows = Attention.objects.filter(user=gmail.team.alice.user, closed_at=None)
    assert [row.count for row in rows] == [1]
    assert len(gmail.receiver.taken) == 1

    gmail.connect()
    send(gmail.mailbox)
    assert gmail.mailbox.state != PAUSED


def test_a_google_that_is_down_is_tried_again_and_pauses_nothing(gmail: Gmail) -> None:
    gmail.connect()
    gmail.google.fault("/token", "status", status=503)

    with pytest.raises(outgoing_mail.Refused) as refusal:
        send(gmail.mailbox)

    assert not refusal.value.is_login
    assert gmail.mailbox.state != PAUSED
    send(gmail.mailbox)


@pytest.mark.parametrize(
    "query", ["code=4/code1&state=made-up", "code=4/code1", "error=access_denied&state=STATE", ""]
)
def test_an_answer_nobody_asked_for_connects_nothing(gmail: Gmail, query: str) -> None:
    start = gmail.browser.get(f"/settings/senders/{gmail.team.sender.pk}/gmail/")
    state = parse_qs(urlsplit(start["Location"]).query)["state"][0]

    page = gmail.browser.get(
        f"/settings/senders/gmail/back/?{query.replace('STATE', state)}", follow=True
    )

    assert page.status_code == 200
    assert gmail.google.lines("/token") == []  # another person's code is not even tried
    assert not Mailbox.objects.exists()


def test_an_answer_is_taken_once(gmail: Gmail) -> None:
    start = gmail.browser.get(f"/settings/senders/{gmail.team.sender.pk}/gmail/")
    back = httpx.get(start["Location"]).headers["Location"].removeprefix("http://127.0.0.1:8000")
    gmail.browser.get(back)
    Mailbox.objects.all().delete()

    page = gmail.browser.get(back, follow=True)

    assert "was not started here" in page.content.decode()
    assert not Mailbox.objects.exists()


def test_only_an_admin_with_a_fresh_login_begins(gmail: Gmail) -> None:
    stale, mia = Client(), Client()
    stale.force_login(gmail.team.alice.user)
    mia.force_login(gmail.team.mia.user)

    for browser in (stale, mia):
        answer = browser.get(f"/settings/senders/{gmail.team.sender.pk}/gmail/")
        assert "accounts" not in answer.get("Location", "")
        assert gmail.google.lines() == []


def test_a_password_takes_the_place_of_the_consent(gmail: Gmail) -> None:
    gmail.connect()
    form = {
        "address": ADDRESS,
        "smtp_host": "smtp.acme.test",
        "smtp_port": 465,
        "smtp_security": "tls",
        "smtp_username": "mia",
        "imap_security": "tls",
        "password": "hush",
    }

    gmail.browser.post(f"/settings/senders/{gmail.team.sender.pk}/mailbox/", form)

    mailbox = gmail.mailbox
    assert (mailbox.signs_in, mailbox.access_token) == ("password", "")
    assert mailbox.opened()["password"] == "hush"


def test_without_a_client_there_is_no_such_page(gmail: Gmail) -> None:
    with override_settings(GOOGLE_CLIENT_ID=""):
        page = gmail.browser.get(f"/settings/senders/{gmail.team.sender.pk}/")
        answer = gmail.browser.get(f"/settings/senders/{gmail.team.sender.pk}/gmail/")

    assert "Connect Gmail" not in page.content.decode()
    assert answer.status_code == 404
