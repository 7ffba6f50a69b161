"""An admin's settings of a sender's mailbox, limits and addresses."""

from datetime import time
from typing import Annotated, Literal

from pydantic import Field, SecretStr, model_validator

from core.schemas import Arguments, Line

Host = Annotated[
    Line, Field(max_length=253, pattern=r"^([A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?)?$")
]
Port = Annotated[int, Field(ge=1, le=65535)]
Security = Literal["tls", "starttls", "none"]


class MailboxSettings(Arguments):
    """A mailbox's new settings. `password` None keeps the stored one if the servers stay."""

    address: Annotated[Line, Field(max_length=254)]
    uses_relay: bool = False
    smtp_host: Host = ""
    smtp_port: Port | None = None
    smtp_security: Security = "tls"
    smtp_username: Annotated[Line, Field(max_length=254)] = ""
    imap_host: Host = ""
    imap_port: Port | None = None
    imap_security: Security = "tls"
    password: SecretStr | None = Field(None, repr=False)

    @model_validator(mode="after")
    def _is_whole(self) -> "MailboxSettings":
        if not self.uses_relay and not (self.smtp_host and self.smtp_port):
            raise ValueError("SMTP needs a host and a port")
        if self.imap_host and not self.imap_port:
            raise ValueError("IMAP needs a port")
        if self.imap_host and not self.smtp_username:
            raise ValueError("IMAP needs a user name")
        return self


class LimitSettings(Arguments):
    """A sender's limits, pace and quiet hours. Both ends of the quiet hours, or none."""

    email_daily_limit: Annotated[int, Field(ge=0, le=10_000)]
    linkedin_daily_limit: Annotated[int, Field(ge=0, le=200)]
    minimum_gap_seconds: Annotated[int, Field(ge=0, le=3600)] = 0
    quiet_from: time | None = None
    quiet_until: time | None = None
    quiet_weekends: bool = False

    @model_validator(mode="after")
    def _has_both_ends(self) -> "LimitSettings":
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValueError("Set both ends of the quiet hours, or neither")
        return self
