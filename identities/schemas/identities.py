"""Arguments and answers of the sender operations. Their names are camelCase, as REST has them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from core.schemas import Answer, Arguments, Line, Text, not_empty, seen_whole

IdentityId = Annotated[Line, Field(max_length=64, description="Id of the sender, id_...")]
Name = Annotated[Line, AfterValidator(seen_whole), Field(max_length=120)]
FirstName = Annotated[Name, AfterValidator(not_empty)]
Signature = Annotated[Text, AfterValidator(seen_whole), Field(max_length=2000)]


class ListIdentities(Arguments):
    channel: Literal["email", "linkedin", "resend"] | None = Field(
        None, description="Only senders with this channel"
    )


class GetIdentity(Arguments):
    identity_id: IdentityId


class _Seen(Arguments):
    """Fields recipients see besides the first name; null clears."""

    last_name: Name | None = Field(None, alias="lastName", description="Last name")
    job_title: Name | None = Field(None, alias="jobTitle", description="Job title")
    role: Name | None = Field(None, description="Alias of jobTitle")
    signature: Signature | None = Field(None, description="Added below each e-mail")


class CreateIdentity(_Seen):
    """A new sender; its channels are connected on the page of senders."""

    first_name: FirstName = Field(alias="firstName", description="First name")


class UpdateIdentity(_Seen):
    """A sender, and its changed fields; omitted ones stay."""

    identity_id: IdentityId
    first_name: FirstName | None = Field(None, alias="firstName", description="First name")


class DeleteIdentity(Arguments):
    """The sender to remove; its sent messages stay."""

    identity_id: IdentityId


class RestoreIdentity(Arguments):
    identity_id: IdentityId


class ChannelOut(Answer):
    """A channel of a sender and whether it can send now; never a credential.

    `state`: ready, unchecked (not tried yet), failing (did not answer lately), paused (an admin
    must mend it; what waits for it waits).
    """

    channel: str
    address: str
    state: str
    detail: str | None = None


class IdentityOut(Answer):
    """A sender."""

    identity_id: str
    id: str = Field(serialization_alias="_id")
    name: str
    first_name: str = Field(serialization_alias="firstName")
    last_name: str | None = Field(serialization_alias="lastName")
    job_title: str | None = Field(serialization_alias="jobTitle")
    role: str | None
    channels: list[ChannelOut]


class DailyLimit(Answer):
    """How many of a type the sender may send a day, and how many went out today."""

    type: str
    daily_limit: int | None
    sent_today: int


class QuietHours(Answer):
    """Hours without automatic sends; due messages wait for the end."""

    quiet_from: str | None = Field(serialization_alias="from")
    until: str | None
    weekends: bool
    time_zone: str


class IdentityDetail(IdentityOut):
    """A sender with its limits; they defer a message and never drop it."""

    signature: str | None
    daily_limits: list[DailyLimit]
    minimum_gap_seconds: int
    quiet_hours: QuietHours


class IdentityList(Answer):
    """All senders of the workspace."""

    identities: list[IdentityOut]
    total: int


class IdentityAnswer(Answer):
    """One sender."""

    identity: IdentityDetail
