"""The mail sink over real SMTP, and its pages."""

import json
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import Membership, User, Workspace
from tests import mail

HTML = "<script>alert(1)</script><p>Hello</p>"


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[int]:
    """The port of a sink that writes into tmp_path/mail."""
    with mail.running(tmp_path) as sink:
        yield sink.port


@pytest.fixture
def kept(sink: int, tmp_path: Path) -> str:
    """One message taken by the sink: its name."""
    message = EmailMessage()
    message["From"], message["To"] = "Ann <ann@acme.test>", "bo@example.com"
    message["Subject"] = "Grüße from a dot"
    message.set_content(".a line with a dot\n\nBye")
    message.add_alternative(HTML, subtype="html")
    with smtplib.SMTP("127.0.0.1", sink) as client:
        client.login("ann", "secret of ann")
        client.send_message(message, "bounce@acme.test", ["bo@example.com", "cc@example.com"])
    return next((tmp_path / "mail").glob("*.json")).stem


def test_the_envelope_is_kept_beside_the_bytes(kept: str, tmp_path: Path) -> None:
    facts = json.loads((tmp_path / "mail" / f"{kept}.json").read_text())
    raw = (tmp_path / "mail" / f"{kept}.eml").read_bytes()

    assert facts["mail_from"] == "bounce@acme.test"
    assert facts["rcpt_to"] == ["bo@example.com", "cc@example.com"]
    assert facts["login"] == "ann"
    assert b"\r\n.a line with a dot\r\n" in raw
    assert "secret of ann" not in json.dumps(facts)


@pytest.fixture
def client(kept: str, settings: Settings, tmp_path: Path) -> Client:
    """A browser without a login, and a mailbox with one message."""
    settings.VAR_DIR = tmp_path
    return Client()


@pytest.mark.django_db
@pytest.mark.urls("tests.run.urls")
class TestPages:
    """What /dev/mail/ shows, and to whom."""

    def test_the_list_names_subject_and_recipients(self, client: Client) -> None:
        page = client.get("/dev/mail/").content.decode()

        assert "Grüße from a dot" in page
        assert "bo@example.com, cc@example.com" in page

    def test_a_message_shows_its_envelope_and_html_as_text_only(
        self, client: Client, kept: str
    ) -> None:
        page = client.get(f"/dev/mail/{kept}/").content.decode()

        assert "MAIL FROM bounce@acme.test" in page
        assert ".a line with a dot" in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page

    def test_the_source_is_the_bytes_as_they_came(
        self, client: Client, kept: str, tmp_path: Path
    ) -> None:
        answer = client.get(f"/dev/mail/{kept}/source")

        assert answer.content == (tmp_path / "mail" / f"{kept}.eml").read_bytes()
        assert answer["Content-Disposition"].startswith("attachment")

    @pytest.mark.parametrize("name", ["1", "..", "%2e%2e%2fsecrets", "x"])
    def test_what_is_no_message_is_not_found(self, client: Client, name: str) -> None:
        assert client.get(f"/dev/mail/{name}/").status_code == 404

    @pytest.mark.parametrize(("role", "status"), [("admin", 200), ("reviewer", 403)])
    def test_on_a_public_origin_only_admins_read(
        self, client: Client, settings: Settings, role: str, status: int
    ) -> None:
        settings.IS_LOOPBACK = False
        anonymous = client.get("/dev/mail/")
        client.force_login(member(role))

        assert anonymous.status_code == 302
        assert anonymous["Location"].startswith("/login/")
        assert client.get("/dev/mail/").status_code == status


def member(role: str) -> User:
    """A person with this role in a workspace."""
    user = User.objects.create_user("ann@acme.test", None)
    place = Workspace.objects.create(slug="acme", name="Acme")
    Membership.objects.create(workspace=place, user=user, role=role)
    return user
