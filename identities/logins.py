"""How a mailbox's servers are logged in to: name and secret, and where."""

from dataclasses import dataclass, field

from core import net
from identities.models import Mailbox


@dataclass(frozen=True, slots=True)
class Login:
    """Name and password; nothing where the server asks for neither."""

    username: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server as it is connected to. `security` is tls, starttls or none."""

    host: str
    port: int
    security: str
    login: Login
    trust: net.Trust


def login_of(mailbox: Mailbox) -> Login:
    """The mailbox's own; raises Unavailable when no key opens its secret."""
    return Login(mailbox.smtp_username or mailbox.address, mailbox.opened().get("password", ""))
