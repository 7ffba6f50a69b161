"""`manage.py add_sender`."""

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from core.actor import Actor
from core.models import AuditEntry
from identities import outgoing_mail
from identities.models import Identity, Mailbox
from tests import factories

URL = "smtps://mia%40acme:p%3Ass@mail.acme.example:466"


def _add(*arguments: str) -> str:
    out = io.StringIO()
    call_command("add_sender", "--workspace=acme", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def _named(address: str = "mia@acme.example") -> tuple[str, ...]:
    return ("--first=Mia", "--last=Moss", f"--address={address}")


@pytest.fixture(autouse=True)
def _place(db: None) -> None:
    factories.workspace("Acme")


def test_a_sender_gets_its_server_and_a_sealed_password() -> None:
    out = _add(*_named(), f"--smtp-url={URL}")

    identity = Identity.objects.get(pk=out.splitlines()[-1])
    server = outgoing_mail.server_of(identity.mailbox)
    assert (server.host, server.port, server.security) == ("mail.acme.example", 466, "tls")
    assert (server.login.username, server.login.secret) == ("mia@acme", "p:ss")
    assert "p:ss" not in identity.mailbox.smtp_password
    assert str(identity) == "Mia Moss"


def test_adding_a_sender_is_audited_without_its_secret() -> None:
    _add(*_named(), f"--smtp-url={URL}")

    entry = AuditEntry.objects.get(verb="identities.sender.add")
    assert entry.actor_name == Actor.for_job("identities.add_sender", "ws").name
    assert "p:ss" not in str(entry.object_ids)


@pytest.mark.parametrize(
    ("url", "security", "port"),
    [
        ("smtps://mail.acme.example", "tls", 465),
        ("smtp+starttls://u:p@mail.acme.example", "starttls", 587),
        ("smtp://mail.acme.example:2525", "none", 2525),
    ],
)
def test_the_scheme_says_how_the_connection_is_secured(url: str, security: str, port: int) -> None:
    _add(*_named(), f"--smtp-url={url}")

    mailbox = Mailbox.objects.get()
    assert (mailbox.smtp_security, mailbox.smtp_port) == (security, port)


def test_the_url_can_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{URL}\n"))

    _add(*_named(), "--smtp-url=-")

    assert Mailbox.objects.get().smtp_host == "mail.acme.example"


def test_a_sender_can_use_the_operators_server() -> None:
    out = _add(*_named(), "--relay")

    assert Mailbox.objects.get().uses_relay
    assert "SMTP_RELAY_URL is not set" in out


@pytest.mark.parametrize(
    "url",
    [
        "https://mail.acme.example",
        "mail.acme.example:25",
        "smtps://",
        "smtps://mail.acme.example:99999",
        "smtps://mail.acme.example/inbox",
        "smtp://mia:secret-word@mail.acme.example",
    ],
)
def test_a_server_that_cannot_be_used_is_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(CommandError) as caught:
        _add(*_named(), f"--smtp-url={url}")

    assert "secret-word" not in str(caught.value)
    assert not Identity.objects.exists()


@pytest.mark.parametrize("address", ["Mia <mia@acme.example>", "a@b.example,c@d.example", "mia"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(CommandError, match="Invalid e-mail address"):
        _add(*_named(address), "--relay")

    assert not Identity.objects.exists()


def test_a_taken_address_is_refused() -> None:
    _add(*_named(), "--relay")

    with pytest.raises(CommandError, match="already"):
        _add(*_named("MIA@acme.example"), "--relay")

    assert Identity.objects.count() == 1


def test_an_unknown_workspace_is_refused() -> None:
    with pytest.raises(CommandError, match="no workspace 'acne'"):
        call_command("add_sender", "--workspace=acne", *_named(), "--relay")


def test_exactly_one_way_of_sending_is_named() -> None:
    with pytest.raises(CommandError, match="required"):
        _add(*_named())
    with pytest.raises(CommandError, match="not allowed"):
        _add(*_named(), "--relay", f"--smtp-url={URL}")
