"""What a provider of LinkedIn sessions does for us: the port. Unipile is behind it today.

Nothing here is kept: a password goes through once, and what stays is the provider's account id.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import SecretStr


class Challenge(StrEnum):
    """What LinkedIn wants to see beside the password."""

    CODE = "code"  # from an authenticator, by SMS or by e-mail
    APP = "app"  # a tap in the LinkedIn app
    UNSOLVABLE = "unsolvable"  # a picture puzzle, a phone number: only in LinkedIn itself


class Standing(StrEnum):
    """How an account stands at the provider."""

    CONNECTED = "connected"
    CONNECTING = "connecting"
    DISCONNECTED = "disconnected"
    UNKNOWN = "unknown"  # no such account there, or not yet


@dataclass(frozen=True, slots=True)
class Connected:
    """The login worked."""

    account_id: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The login goes on with a challenge."""

    account_id: str
    challenge: Challenge


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the provider sees it; `name` is LinkedIn's, cut to be shown.

    `made_at` is when it first logged in there, None where the provider does not say.
    """

    standing: Standing
    name: str = ""
    is_linkedin: bool = True
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A person's way to the provider's own page and back; with an `account_id` to that account.

    `reference` and nothing else of ours comes back in the provider's call to `notify_url`, which
    is unsigned and holds a secret therefore. The page dies at `expires_at`.
    """

    reference: str
    account_id: str
    expires_at: datetime
    notify_url: str = field(repr=False)
    success_url: str
    failure_url: str


@dataclass(frozen=True, slots=True)
class Report:
    """What an unsigned call says of a visit: believed for nothing but that it is time to look."""

    reference: str
    account_id: str


class Refused(Exception):
    """The provider's "no"; `sentence` is ours."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class WrongCredentials(Refused):
    """Address or password; they may be typed again."""


class WrongCode(Refused):
    """The code; it may be typed again."""


class CheckpointOver(Refused):
    """The challenge is no longer there: the login begins anew."""


class Hopeless(Refused):
    """This login ends here."""


Answer = Connected | Checkpoint


class LinkedinProvider(Protocol):
    """The provider. Every call raises Refused in one of its forms, RateLimited or Unavailable."""

    def log_in(
        self, username: str, password: SecretStr, *, country: str, account_id: str
    ) -> Answer:
        """Log in; with an `account_id`, connect that account again."""
        ...

    def solve(self, account_id: str, code: str) -> Answer:
        """Hand in a code."""
        ...

    def resend(self, account_id: str) -> None:
        """Have another code sent."""
        ...

    def page_for(self, visit: Visit) -> str:
        """Where the person logs in on a page of the provider's."""
        ...

    def account(self, account_id: str) -> Account:
        """How the account stands now."""
        ...
