"""A sender's mailbox: a password stays with the servers it was given for, and is tried for real."""

import os
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from django.test import override_settings

from accounts.models import Notice
from core.access import Role
from core.errors import AppError, Conflict, Forbidden, NotFound, ValidationFailed
from core.models import AuditEntry
from core.schemas import validated
from identities import outgoing_mail
from identities.channels import sealed
from identities.models import Identity, Mailbox
from identities.models.connected import FAILING, OK, PAUSED, UNCHECKED
from identities.schemas.mailboxes import MailboxSettings
from identities.services import connection_tests, mailboxes
from tests import factories
from tests.identities import dovecot
from tests.identities.conftest import Started, mailbox_at
from tests.identities.providers import CANARY
from tests.ports import free_port
from tests.team import Team

OWN = {
    "address": "mia@acme.example",
    "smtp_host": "smtp.acme.example",
    "smtp_port": 465,
    "smtp_username": "mia",
    "imap_host": "imap.acme.example",
    "imap_port": 993,
}


def wish(**facts: Any) -> MailboxSettings:
    return validated(MailboxSettings, {**OWN, **facts})


def saved(team: Team, **facts: Any) -> Mailbox:
    return mailboxes.save_mailbox(team.fresh_admin, str(team.sender.pk), wish(**facts))


def test_a_mailbox_is_an_access_grant(team: Team) -> None:
    for actor in (team.admin, factories.person(team.mia).with_fresh_login()):
        with pytest.raises(Forbidden):
            mailboxes.save_mailbox(actor, str(team.sender.pk), wish())
    assert not Mailbox.objects.exists()

    saved(team)

    told = Notice.objects.values_list("user__name", "facts__access")
    assert list(told) == [("Ada", "Mailbox mia@acme.example")]
    (grant,) = mailboxes.grants_of(team.fresh_admin)
    assert (grant.name, grant.opened_by) == ("mia@acme.example", "Alice")


def test_a_password_is_sealed_and_shown_nowhere(team: Team) -> None:
    row = saved(team, password=CANARY)

    assert Mailbox.objects.get(pk=row.pk).opened() == {"password": CANARY}
    assert CANARY not in repr(wish(password=CANARY)) + str(wish(password=CANARY))
    assert CANARY not in str(list(Mailbox.objects.values())) + str(
        list(AuditEntry.objects.values())
    )


@pytest.mark.parametrize(
    "change",
    [
        {"smtp_host": "smtp.evil.example"},
        {"smtp_port": 587},
        {"smtp_security": "starttls"},
        {"imap_host": "imap.evil.example"},
        {"imap_port": 143},
        {"imap_security": "starttls"},
        {"uses_relay": True},
        {"imap_host": "", "imap_port": None},
    ],
)
def test_another_server_never_gets_the_password(team: Team, change: dict[str, Any]) -> None:
    row = saved(team, password=CANARY)

    saved(team, **change)

    row.refresh_from_db()
    assert row.opened() == {}


@pytest.mark.parametrize("change", [{}, {"address": "mia.moss@acme.example"}])
def test_the_password_stays_with_its_servers(team: Team, change: dict[str, Any]) -> None:
    row = saved(team, password=CANARY)

    saved(team, **change)

    row.refresh_from_db()
    assert row.opened() == {"password": CANARY}


def test_another_address_is_another_sender_to_recipients(team: Team) -> None:
    saved(team)
    before = Identity.objects.get(pk=team.sender.pk).version
    saved(team)
    assert Identity.objects.get(pk=team.sender.pk).version == before

    saved(team, address="other@acme.example")

    assert Identity.objects.get(pk=team.sender.pk).version == before + 1


@pytest.mark.parametrize("field", ["smtp_security", "imap_security"])
def test_a_password_never_travels_unencrypted(team: Team, field: str) -> None:
    with pytest.raises(ValidationFailed, match="unencrypted") as refusal:
        saved(team, password=CANARY, **{field: "none"})

    assert refusal.value.field == field
    assert not Mailbox.objects.exists()


@pytest.mark.parametrize(
    "facts",
    [
        {"address": "nobody"},
        {"address": "a@b.example,c@d.example"},
        {"smtp_host": ""},
        {"smtp_port": None},
        {"smtp_port": 70000},
        {"smtp_host": "https://smtp.acme.example"},
        {"smtp_host": "smtp.acme.example/x"},
        {"smtp_security": "maybe"},
        {"imap_port": None},
        {"smtp_username": "mia\r\nX: y"},
        {"smtp_username": ""},
        {"colour": "red"},
    ],
)
def test_what_is_no_mailbox_is_refused(team: Team, facts: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed):
        saved(team, **facts)

    assert not Mailbox.objects.exists()


def test_an_address_belongs_to_one_sender(team: Team) -> None:
    saved(team)
    other = Identity.objects.create(
        workspace=team.place, first_name="Bo", created_at=team.place.created_at
    )

    with pytest.raises(Conflict, match="Another sender"):
        mailboxes.save_mailbox(team.fresh_admin, str(other.pk), wish())


def test_the_mailbox_of_another_workspace_is_missing(team: Team) -> None:
    row, gil = saved(team), team.foreign_admin

    for attempt in (
        lambda: mailboxes.save_mailbox(gil, str(team.sender.pk), wish()),
        lambda: mailboxes.close_mailbox(gil, str(row.pk)),
        lambda: connection_tests.try_mailbox(gil, str(row.pk)),
        lambda: connection_tests.send_test_message(gil, str(row.pk)),
    ):
        with pytest.raises(NotFound):
            attempt()
    # The same works for the owner.
    mailboxes.close_mailbox(team.admin, str(row.pk))
    assert not Mailbox.objects.exists()


class Kept:
    """Stores the messages it receives."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep it."""
        self.taken.append(envelope)
        return "250 OK"


def admin_of(mailbox: Mailbox) -> Any:
    return factories.person(factories.member(mailbox.workspace, "Alice", Role.ADMIN))


def test_a_test_message_really_arrives(serve: Started) -> None:
    receiver = Kept()
    mailbox = serve(receiver)

    (step,) = connection_tests.send_test_message(admin_of(mailbox), str(mailbox.pk))

    mailbox.refresh_from_db()
    assert (step.worked, mailbox.state) == (True, OK)
    (envelope,) = receiver.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == (mailbox.address, [mailbox.address])


def test_a_server_that_is_away_is_said_so_and_pauses_nothing(db: None) -> None:
    port = free_port()
    mailbox = mailbox_at(port)
    with override_settings(OUTBOUND_PRIVATE_HOSTS=[f"127.0.0.1:{port}"]):
        (step,) = connection_tests.try_mailbox(admin_of(mailbox), str(mailbox.pk))

    mailbox.refresh_from_db()
    assert (step.worked, mailbox.state) == (False, FAILING)
    assert "did not answer" in step.sentence


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_refused_login_pauses_the_mailbox_and_a_good_test_mends_it(serve: Started) -> None:
    right = [False]

    def check(server: SMTP, session: Session, envelope: Envelope, kind: str, data: Any) -> Any:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=right[0], handled=False)

    receiver = Kept()
    facts = {"authenticator": check, "auth_require_tls": False, "auth_required": True}
    mailbox = serve(receiver, {"smtp_username": "mia", "password": "hush"}, **facts)
    admin = admin_of(mailbox)

    (step,) = connection_tests.try_mailbox(admin, str(mailbox.pk))
    mailbox.refresh_from_db()
    assert (step.sentence, mailbox.state) == ("The mail server rejected the login.", PAUSED)

    right[0] = True
    with pytest.raises(outgoing_mail.Refused, match="paused"):
        outgoing_mail.deliver(mailbox, mailbox.address, ["ana@umbrella.example"], EmailMessage())
    assert receiver.taken == []

    assert connection_tests.try_mailbox(admin, str(mailbox.pk))[0].worked
    mailbox.refresh_from_db()
    assert mailbox.state == OK


@pytest.fixture
def imap(certificate: ssl.SSLContext, tmp_path: Path) -> Iterator[int]:
    """A real IMAP server whose certificate we trust."""
    if dovecot.BINARY is None:
        if os.environ.get("REQUIRE_IMAP"):
            pytest.fail("Dovecot is not installed: apt-get install dovecot-imapd")
        pytest.skip("Dovecot is not installed: apt-get install dovecot-imapd")
    with dovecot.running(tmp_path) as port:
        place = f"127.0.0.1:{port}"
        with override_settings(OUTBOUND_PRIVATE_HOSTS=[place]):
            yield port


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the test's certificate trusted (OpenSSL reads the variable)."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert"))


def reading(team: Team, port: int, password: str, security: str = "starttls") -> Mailbox:
    """A mailbox whose SMTP is not looked at here."""
    row = Mailbox(
        workspace=team.place,
        identity=team.sender,
        address="mia@acme.example",
        uses_relay=True,
        smtp_username=dovecot.USER,
        imap_host="127.0.0.1",
        imap_port=port,
        imap_security=security,
        created_at=team.place.created_at,
    )
    row.smtp_password = sealed(row, password)
    row.save()
    return row


def imap_step(team: Team, row: Mailbox) -> connection_tests.Step:
    return connection_tests.try_mailbox(team.admin, str(row.pk))[1]


@pytest.mark.slow
def test_a_login_by_imap_is_tried_on_a_real_server(team: Team, imap: int, trusted: None) -> None:
    row = reading(team, imap, dovecot.PASSWORD)

    assert imap_step(team, row).worked, imap_step(team, row)


@pytest.mark.slow
def test_a_wrong_imap_password_pauses_the_mailbox(team: Team, imap: int, trusted: None) -> None:
    row = reading(team, imap, "wrong")

    step = imap_step(team, row)

    row.refresh_from_db()
    assert (step.worked, step.sentence) == (False, "The IMAP server rejected the login.")
    assert row.state == PAUSED


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_an_imap_server_nobody_vouches_for_gets_no_password(
    team: Team, imap: int, security: str
) -> None:
    row = reading(team, imap, CANARY, security)

    step = imap_step(team, row)

    row.refresh_from_db()
    assert not step.worked
    assert (row.state, CANARY in step.sentence) == (FAILING, False)


def test_an_imap_server_inside_the_network_is_not_contacted(team: Team) -> None:
    row = reading(team, free_port(), CANARY)

    assert "not on the public internet" in imap_step(team, row).sentence


def test_a_demo_leaves_no_machine_by_a_mailbox(team: Team) -> None:
    row = saved(team, password=CANARY)
    with override_settings(DEMO=True):
        steps = connection_tests.try_mailbox(team.admin, str(row.pk))

    assert [step.sentence for step in steps] == [
        "This is the demo: nothing leaves this machine."
    ] * 2


def test_a_changed_mailbox_waits_to_be_tried_again(team: Team) -> None:
    row = saved(team, password=CANARY)
    Mailbox.objects.filter(pk=row.pk).update(state=PAUSED, state_sentence="Refused.")

    saved(team, password="another one")

    row.refresh_from_db()
    assert (row.state, row.state_sentence) == (UNCHECKED, "")


def test_trying_is_for_admins(team: Team) -> None:
    row = saved(team)

    for attempt in (connection_tests.try_mailbox, connection_tests.send_test_message):
        with pytest.raises(AppError) as refusal:
            attempt(factories.person(team.mia), str(row.pk))
        assert refusal.value.code == "forbidden"
