"""Logins to a mailbox's servers: a name with a password, or with a token from Google.

An access token is stored, sealed, until shortly before it expires: a mailbox read each minute must
not request one each minute.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import QuerySet

from core import clock, net
from core.db import unit
from identities.models import Mailbox
from identities.models.mailbox import BY_GOOGLE
from identities.providers.email import google
from identities.secrets import Opened, seal

EARLIER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Login:
    """Name and secret; empty if the server needs neither."""

    username: str = ""
    secret: str = field(default="", repr=False)
    by_token: bool = False

    @property
    def xoauth2(self) -> str:
        """The initial response of XOAUTH2."""
        return f"user={self.username}\1auth=Bearer {self.secret}\1\1"


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server's connection settings. `security` is tls, starttls or none."""

    host: str
    port: int
    security: str
    login: Login
    trust: net.Trust


def login_of(mailbox: Mailbox) -> Login:
    """The mailbox's login; may request a token over the network.

    Raises Unavailable when no key opens its secret or Google does not answer, and Denied when the
    consent was revoked.
    """
    name = mailbox.smtp_username or mailbox.address
    secret = mailbox.opened().get("password", "")
    if mailbox.signs_in != BY_GOOGLE:
        return Login(name, secret)
    return Login(name, _kept(mailbox) or _renewed(mailbox, secret), by_token=True)


def forget_token(mailbox: Mailbox) -> None:
    """A server refused the token before its end: the next login gets another."""
    mailbox.access_until = None
    with unit():
        _row(mailbox).update(access_until=None)


def _kept(mailbox: Mailbox) -> str:
    if mailbox.access_until is None or mailbox.access_until - EARLIER <= clock.now():
        return ""
    sealed = mailbox.access_token
    return Opened.from_sealed("token", sealed, bound_to=str(mailbox.pk)).get("token", "")


def _renewed(mailbox: Mailbox, refresh_token: str) -> str:
    access = google.renewed(refresh_token)
    mailbox.access_token = seal(access.token, bound_to=str(mailbox.pk))
    mailbox.access_until = clock.now() + timedelta(seconds=access.seconds)
    with unit():
        # Only while the consent is the same: a newer one is not overwritten.
        _row(mailbox).filter(smtp_password=mailbox.smtp_password).update(
            access_token=mailbox.access_token, access_until=mailbox.access_until
        )
    return access.token


def _row(mailbox: Mailbox) -> QuerySet[Mailbox]:
    return Mailbox.objects.filter(workspace_id=mailbox.workspace_id, pk=mailbox.pk)
