"""Params of the types that leave for Slack, Resend, HubSpot, LinkedIn and other MCP servers."""

import json
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from approvals.schemas.messages import MAX_RECIPIENTS, Addresses, Subject
from core.schemas import Arguments, Line, Text

Id = Annotated[Line, Field(max_length=64)]
Body = Annotated[Text, Field(min_length=1, max_length=20_000, description="Text or Markdown")]
ARGUMENT_BYTES = 16_384


def _profile(url: str) -> str:
    """A LinkedIn profile's address in one form; raises ValueError for anything else."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    steps = [step for step in parts.path.split("/") if step]
    is_plain = not (parts.username or parts.port or parts.query or parts.fragment)
    if parts.scheme != "https" or host != "linkedin.com" or len(steps) != 2 or steps[0] != "in":
        raise ValueError("must be like https://www.linkedin.com/in/ana-ng")
    if not is_plain or not all(letter.isalnum() or letter in "-_%" for letter in steps[1]):
        raise ValueError("must be like https://www.linkedin.com/in/ana-ng")
    return f"https://www.linkedin.com/in/{steps[1]}"


ProfileUrl = Annotated[Line, Field(max_length=200), AfterValidator(_profile)]


class SlackBlock(Arguments):
    """A text-only block."""

    type: Literal["section", "header", "divider"]
    text: Annotated[Text, Field(max_length=2500)] = ""

    @model_validator(mode="after")
    def _has_text(self) -> "SlackBlock":
        if bool(self.text.strip()) == (self.type == "divider"):
            raise ValueError("a section or header has text, a divider none")
        if self.type == "header" and (len(self.text) > 150 or "\n" in self.text):
            raise ValueError("a header is one line of at most 150 characters")
        return self


class SendSlackMessage(Arguments):
    """A Slack message into a channel an admin allowed."""

    channel: Annotated[Line, Field(max_length=32, description="Id of an allowed channel, C...")]
    text: Annotated[Text, Field(min_length=1, max_length=4000, description="Plain text")]
    blocks: Annotated[list[SlackBlock], Field(max_length=20)] = Field(
        [], description="Text-only blocks to show instead: section, header, divider"
    )


class ResendSendEmail(Arguments):
    """An e-mail through Resend. From and Reply-To come from the identity, never from here."""

    to: Addresses = Field([], description="Bare addresses; or contact_id")
    contact_id: Id | None = Field(None, description="Send to this contact")
    cc: Addresses = Field([], description="Bare addresses")
    bcc: Addresses = Field([], description="Bare addresses; makes the card red")
    subject: Subject
    text: Body

    @model_validator(mode="after")
    def _goes_somewhere(self) -> "ResendSendEmail":
        if not self.to and not self.contact_id:
            raise ValueError("give to or contact_id")
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
            raise ValueError("give either contact_id or email")
        return self


class ResendCreateBroadcast(Arguments):
    """A broadcast to a Resend segment, sent when it is approved."""

    segment_id: Annotated[Id, Field(description="Resend's segment")]
    subject: Subject
    text: Body
    name: Annotated[Line, Field(max_length=120)] = Field("", description="Name in Resend")


class SyncToCrm(Arguments):
    """A contact or company to push to HubSpot, or to pull from it."""

    entity_type: Literal["contact", "company"]
    entity_id: Annotated[Id, Field(description="ct_... or co_...")]
    direction: Literal["push", "pull"] = Field(
        "push", description="pull proposes what differs there as a change here"
    )


class _LinkedIn(Arguments):
    contact_id: Id | None = Field(None, description="A contact with a LinkedIn address")
    profile_url: ProfileUrl | None = Field(None, description="Or https://www.linkedin.com/in/...")

    @model_validator(mode="after")
    def _one_person(self) -> "_LinkedIn":
        if (self.contact_id is None) == (self.profile_url is None):
            raise ValueError("give either contact_id or profile_url")
        return self


class LinkedinConnection(_LinkedIn):
    """An invitation to connect on LinkedIn, with a note."""

    message: Annotated[Text, Field(max_length=300)] = Field("", description="The note")


class LinkedinMessage(_LinkedIn):
    message: Annotated[Text, Field(min_length=1, max_length=4000, description="Plain text")]


class McpToolCall(Arguments):
    """One call of a tool on an external MCP server, both allowed by an admin."""

    server: Annotated[Line, Field(max_length=60, description="Name of the server in Settings")]
    tool: Annotated[Line, Field(max_length=128, description="An allowed tool")]
    arguments: dict[str, Any] = Field({}, description="The tool's arguments")

    @model_validator(mode="after")
    def _small(self) -> "McpToolCall":
        if len(json.dumps(self.arguments, ensure_ascii=False).encode()) > ARGUMENT_BYTES:
            raise ValueError(f"arguments have at most {ARGUMENT_BYTES} bytes")
        return self
