"""Connecting a sender's LinkedIn account. Credentials are not an argument of any operation."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic.json_schema import SkipJsonSchema

from core.schemas import Answer, Arguments, Line, clean_line
from identities.schemas.identities import IdentityId
from jobs.schemas.jobs import JobId

# The input a login's page needs; hosted: continue at the provider's page.
Asks = Literal["credentials", "code", "hosted", "nothing"]


class LoginStatus(StrEnum):
    """A login's status (tools.md 23); `cancelled` if its job was."""

    QUEUED = "queued"
    AWAITING_CREDENTIALS = "awaiting_credentials"
    RUNNING = "running"
    CODE_REQUIRED = "code_required"
    CONNECTED = "connected"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class StartLogin(Arguments):
    """The sender, and the time limit for the person."""

    identity_id: IdentityId
    country: Annotated[
        Line, Field(pattern="^[A-Z]{2}$", description="Where the person logs in from, ISO 3166-1")
    ] = "US"
    max_verification_wait_time: Annotated[
        int, Field(ge=60, le=600, description="Seconds until it expires, 60 to 600")
    ] = 600


class GetLogin(Arguments):
    """Which login. REST also names the sender, which must be its own."""

    job_id: JobId
    identity_id: SkipJsonSchema[IdentityId | None] = None


class SubmitCode(GetLogin):
    code: Annotated[
        Line,
        Field(
            pattern=r"^[A-Za-z0-9]{4,12}$", description="As received by the person, without spaces"
        ),
    ]


class CheckLinkedin(Arguments):
    identity_id: IdentityId


class LoginOut(Answer):
    """A login as it is now; `login_url` while the person has something to do there.

    `poll_with` is each surface's own while the login is open. `session_id` is REST's word for the
    job's id.
    """

    job_id: str
    session_id: str
    identity_id: str
    status: LoginStatus
    message: str | None = None
    login_url: str | None = None
    poll_with: str | None = None
    next_poll_seconds: int | None = None
    expires_at: datetime | None = None


class LinkedinCheck(Answer):
    """The provider's current answer."""

    identity_id: str
    status: Literal["connected", "disconnected", "not_connected", "unclear"]
    profile_name: str | None = None
    message: str
    checked_at: datetime


def _typed(secret: SecretStr) -> SecretStr:
    """Refuses invalid input, and changes nothing."""
    clean_line(secret.get_secret_value())
    return secret


class Credentials(Arguments):
    """Credentials, sent to the provider once and never stored.

    REST accepts them beside the arguments.
    """

    username: Annotated[Line, Field(min_length=3, max_length=254, description="LinkedIn login")]
    password: Annotated[
        SecretStr,
        AfterValidator(_typed),
        Field(min_length=1, max_length=200, description="Never stored"),
    ]


@dataclass(frozen=True, slots=True)
class LoginPage:
    """A login as its page shows it; `said` is the result of the last try.

    `asks` is hosted while the person is on the provider's page; `offers_page` says whether that
    page is available.
    """

    login: LoginOut
    said: str
    sender: str
    asks: Asks
    in_app: bool
    offers_page: bool

    @property
    def is_live(self) -> bool:
        """Whether it continues without input here."""
        return self.login.next_poll_seconds is not None and self.asks in {"hosted", "nothing"}
