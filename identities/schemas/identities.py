"""Arguments and answers of the sender operations."""

from typing import Literal

from pydantic import Field

from core.schemas import Answer, Arguments


class ListIdentities(Arguments):
    """Which senders."""

    channel: Literal["email"] | None = Field(None, description="Only senders with this channel")


class ChannelOut(Answer):
    """A channel of a sender and whether it can send now; never a credential."""

    channel: str
    address: str
    state: str


class IdentityOut(Answer):
    """A sender."""

    identity_id: str
    id: str = Field(serialization_alias="_id")
    name: str
    job_title: str | None = None
    channels: list[ChannelOut]


class IdentityList(Answer):
    """All senders of the workspace."""

    identities: list[IdentityOut]
    total: int
