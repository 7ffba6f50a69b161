"""The port to a provider of LinkedIn sessions, currently Unipile.

Nothing is stored here: a password is passed on once, and only the provider's account id is kept.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import SecretStr


class Challenge(StrEnum):
    """A factor LinkedIn requires besides the password."""

    CODE = "code"  # from an authenticator, by SMS or by e-mail
    APP = "app"  # a tap in the LinkedIn app
    UNSOLVABLE = "unsolvable"  # a picture puzzle, a phone number: only in LinkedIn itself


class Standing(StrEnum):
    """An account's status at the provider."""

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
    """The login continues with a challenge."""

    account_id: str
    challenge: Challenge


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the provider sees it; `name` is LinkedIn's, truncated for display.

    `made_at` is its first login there, None if unknown.
    """

    standing: Standing
    name: str = ""
    is_linkedin: bool = True
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to the provider's own page and back; with an `account_id` for that account.

    Only `reference` comes back in the provider's call to `notify_url`, which is unsigned and
    therefore holds a secret. The page expires at `expires_at`.
    """

    reference: str
    account_id: str
    expires_at: datetime
    notify_url: str = field(repr=False)
    success_url: str
    failure_url: str


@dataclass(frozen=True, slots=True)
class Report:
    """An unsigned callback about a visit: trusted only as a trigger to check the account."""

    reference: str
    account_id: str


class Refused(Exception):
    """The provider's refusal; `sentence` is our text."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class WrongCredentials(Refused):
    """Address or password; they may be typed again."""


class WrongCode(Refused):
    """The code; it may be typed again."""


class CheckpointOver(Refused):
    """The challenge expired: the login starts again."""


class LoginImpossible(Refused):
    """This login cannot succeed."""


Answer = Connected | Checkpoint


class LinkedinProvider(Protocol):
    """The provider. Every call raises Refused in one of its forms, RateLimited or Unavailable."""

    def log_in(
        self, username: str, password: SecretStr, *, country: str, account_id: str
    ) -> Answer:
        """Log in; with an `account_id`, connect that account again."""
        ...

    def solve(self, account_id: str, code: str) -> Answer:
        """Submit a code."""
        ...

    def resend(self, account_id: str) -> None:
        """Have another code sent."""
        ...

    def page_for(self, visit: Visit) -> str:
        """Where the person logs in on a page of the provider's."""
        ...

    def account(self, account_id: str) -> Account:
        """The account's current status."""
        ...
