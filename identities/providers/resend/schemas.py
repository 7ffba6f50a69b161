"""Params of Resend's action types, and the settings of its connection."""

from typing import Annotated

from pydantic import Field, model_validator

from core.schemas import Arguments, Line
from identities.providers.email.schemas import MAX_RECIPIENTS, Addresses, Subject
from identities.providers.schemas import Body, Id


class ResendSendEmail(Arguments):
    """An e-mail through Resend. From and Reply-To come from the identity, never from here."""

    to: Addresses = Field([], description="Bare addresses; or contact_id")
    contact_id: Id | None = Field(None, description="Send to this contact")
    cc: Addresses = Field([], description="Bare addresses")
    bcc: Addresses = Field([], description="Bare addresses; makes it high risk")
    subject: Subject
    text: Body

    @model_validator(mode="after")
    def _goes_somewhere(self) -> "ResendSendEmail":
        if not self.to and not self.contact_id:
            raise ValueError("set to or contact_id")
        if len(self.to) + len(self.cc) + len(self.bcc) > MAX_RECIPIENTS:
            raise ValueError(f"at most {MAX_RECIPIENTS} recipients in all")
        return self


class ResendCreateContact(Arguments):
    """A contact to add at Resend: one of ours, or an address."""

    contact_id: Id | None = Field(None, description="One of our contacts")
    email: Line | None = Field(None, max_length=254, description="Or a bare address")
    first_name: Annotated[Line, Field(max_length=120)] = ""
    last_name: Annotated[Line, Field(max_length=120)] = ""
    unsubscribed: bool | None = Field(None, description="true: gets no broadcast")
    segment_ids: Annotated[list[Id], Field(max_length=10)] = Field(
        [], description="Resend segments to add it to"
    )

    @model_validator(mode="after")
    def _somebody(self) -> "ResendCreateContact":
        if (self.contact_id is None) == (self.email is None):
            raise ValueError("set either contact_id or email")
        return self


class ResendCreateBroadcast(Arguments):
    """A broadcast to a Resend segment, sent when it is approved."""

    segment_id: Annotated[Id, Field(description="Resend's segment")]
    subject: Subject
    text: Body
    name: Annotated[Line, Field(max_length=120)] = Field("", description="Name in Resend")


class ResendSettings(Arguments):
    """Resend: the sender addresses are stored with the senders."""
