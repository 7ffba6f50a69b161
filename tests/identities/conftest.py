import contextlib
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings as django_settings
from django.test import override_settings

from core import clock
from fakes import unipile
from identities import secrets
from identities.models import Identity, Mailbox
from tests import factories, fakes
from tests.fakes import Provider
from tests.identities.linkedin import Flow
from tests.ports import free_port
from tests.team import Team

Started = Callable[..., Mailbox]


def mailbox_at(port: int, **facts: Any) -> Mailbox:
    """A mailbox with its own server on this machine."""
    place = factories.workspace()
    identity = Identity.objects.create(workspace=place, first_name="Mia", created_at=clock.now())
    password = facts.pop("password", "")
    row = Mailbox.objects.create(
        workspace=place,
        identity=identity,
        address="mia@acme.example",
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security=facts.pop("smtp_security", "none"),
        created_at=clock.now(),
        **facts,
    )
    if password:
        row.smtp_password = secrets.seal(password, bound_to=str(row.pk))
        row.save(update_fields=["smtp_password"])
    return row


@pytest.fixture
def serve(db: None) -> Iterator[Started]:
    """Starts a receiver with a handler of the test's own; returns a mailbox that sends to it."""
    with contextlib.ExitStack() as stack:

        def start(handler: object, mailbox: dict[str, Any] | None = None, **facts: Any) -> Mailbox:
            port = free_port()
            controller = Controller(handler, hostname="127.0.0.1", port=port, **facts)
            controller.start()
            stack.callback(controller.stop)
            allowed = [*django_settings.OUTBOUND_PRIVATE_HOSTS, f"127.0.0.1:{port}"]
            stack.enter_context(override_settings(OUTBOUND_PRIVATE_HOSTS=allowed))
            return mailbox_at(port, **(mailbox or {}))

        yield start


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """A server's certificate that no authority signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (tmp_path / "cert").write_bytes(made.public_bytes(pem))
    (tmp_path / "key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    return context


def identities_team() -> Team:
    """A workspace with a sender that has no channel, two admins, and Gil's workspace."""
    return Team.at(factories.workspace(), "sender", "ada", "elsewhere", "gil")


@pytest.fixture
def team(db: None) -> Team:
    return identities_team()


@pytest.fixture(scope="module")
def unipile_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with fakes.running("unipile", tmp_path_factory.mktemp("unipile")) as running:
        yield running


@pytest.fixture
def provider(unipile_server: Provider, settings: Any) -> Provider:
    """The LinkedIn provider of this installation; its callbacks are not delivered."""
    settings.UNIPILE_API_URL = unipile_server.origin
    settings.UNIPILE_API_KEY = unipile.TOKEN
    settings.OUTBOUND_OPERATOR_ORIGINS = [unipile_server.origin]
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:9"
    settings.UNIPILE_CALLS_BACK = True
    return unipile_server


@pytest.fixture
def flow(team: Team, provider: Provider) -> Flow:
    return Flow(team)
