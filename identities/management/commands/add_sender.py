"""`manage.py add_sender`: a sender with a mailbox, for one's own data."""

import sys
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, transaction

from accounts.models import Workspace
from core import addresses, audit, clock
from core.actor import Actor
from core.errors import AppError
from identities import secrets
from identities.models import Identity, Mailbox

# Scheme -> security of the connection and its default port.
_SCHEMES = {"smtps": ("tls", 465), "smtp+starttls": ("starttls", 587), "smtp": ("none", 25)}


@dataclass(frozen=True, slots=True)
class Server:
    """Where a mailbox sends, read from a URL."""

    host: str
    port: int
    security: str
    username: str
    password: str


class Command(BaseCommand):
    """Adds a sender; the password is sealed before it is stored."""

    help = "Add a sender with a mailbox to a workspace and print its id."

    def add_arguments(self, parser: CommandParser) -> None:
        """Either a server of its own or the operator's relay."""
        parser.add_argument("--workspace", required=True, help="workspace slug, e.g. example-ltd")
        parser.add_argument("--first", required=True, help="first name")
        parser.add_argument("--last", default="", help="last name")
        parser.add_argument("--address", required=True, help="e-mail address it sends from")
        server = parser.add_mutually_exclusive_group(required=True)
        server.add_argument(
            "--smtp-url",
            help="smtps://, smtp+starttls:// or smtp://user:password@host:port, the password "
            "percent-encoded; - reads it from standard input, unseen by other users",
        )
        server.add_argument("--relay", action="store_true", help="send through SMTP_RELAY_URL")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the id alone on the last line."""
        try:
            place = Workspace.objects.filter(slug=options["workspace"]).first()
        except DatabaseError as error:
            raise CommandError("There is no database yet: run manage.py setup first.") from error
        if place is None:
            raise CommandError(f"There is no workspace {options['workspace']!r}.")
        given = options["smtp_url"]
        url = sys.stdin.readline().strip() if given == "-" else given
        server = None if options["relay"] else server_of(url)
        if server is None and not settings.SMTP_RELAY_URL:
            self.stderr.write("SMTP_RELAY_URL is not set, so nothing can be sent yet.")
        try:
            identity = add_sender(
                place, options["first"], options["last"], options["address"], server
            )
        except AppError as error:
            raise CommandError(error.words) from error
        self.stdout.write(f"The sender {identity} is ready:")
        self.stdout.write(str(identity.pk))


def server_of(url: str) -> Server:
    """The server a URL names; raises CommandError, which never repeats the password."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise CommandError("The port in --smtp-url must be a number up to 65535.") from error
    known = _SCHEMES.get(parts.scheme)
    if known is None or not parts.hostname or parts.path.strip("/") or parts.query:
        raise CommandError(
            "--smtp-url must be smtps://, smtp+starttls:// or smtp://user:password@host:port."
        )
    security, usual_port = known
    if security == "none" and parts.password:
        raise CommandError(
            "smtp:// would send the password unencrypted; use smtps:// or smtp+starttls://."
        )
    return Server(
        host=parts.hostname,
        port=port or usual_port,
        security=security,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def add_sender(
    place: Workspace, first: str, last: str, address: str, server: Server | None
) -> Identity:
    """The sender with its mailbox; without a server it uses the operator's relay.

    Raises AppError for a malformed address, CommandError for an invalid or taken name or address.
    """
    first, last = first.strip()[:120], last.strip()[:120]
    address = addresses.normalize(address, field="address")
    if not first:
        raise CommandError("--first must not be empty.")
    if Mailbox.objects.filter(workspace=place, address=address).exists():
        raise CommandError(
            f"The workspace {place} already has a sender with the address {address}."
        )
    with transaction.atomic():
        identity = Identity.objects.create(
            workspace=place,
            first_name=first,
            last_name=last,
            signature=f"{first} {last}".strip(),
            created_at=clock.now(),
        )
        _add_mailbox(identity, address, server)
        actor = Actor.for_job("identities.add_sender", str(place.pk))
        audit.record(actor, "identities.sender.add", object_ids={"identity_id": str(identity.pk)})
    return identity


def _add_mailbox(identity: Identity, address: str, server: Server | None) -> None:
    mailbox = Mailbox(
        workspace=identity.workspace,
        identity=identity,
        address=address,
        uses_relay=server is None,
        created_at=identity.created_at,
    )
    if server is not None:
        _point_at(mailbox, server)
    mailbox.save(force_insert=True)


def _point_at(mailbox: Mailbox, server: Server) -> None:
    mailbox.smtp_host = server.host
    mailbox.smtp_port = server.port
    mailbox.smtp_security = server.security
    mailbox.smtp_username = server.username
    if server.password:
        mailbox.smtp_password = secrets.seal(server.password, bound_to=str(mailbox.pk))
