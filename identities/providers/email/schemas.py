"""Params of the message types."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from core.schemas import Arguments, Line, Text

MAX_RECIPIENTS = 5


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Addresses = Annotated[list[Line], BeforeValidator(_listed), Field(max_length=MAX_RECIPIENTS)]


def _as_written(subject: str) -> str:
    # RFC 2047 2: it would arrive as characters other than those approved.
    if "=?" in subject:
        raise ValueError("contains an encoded word; write the characters themselves")
    return subject


Subject = Annotated[
    Line,
    AfterValidator(_as_written),
    Field(min_length=1, max_length=200, description="Subject line"),
]


class EmailMessage(Arguments):
    """An e-mail. The sender, From and Reply-To come from the identity, never from here."""

    to: Addresses = Field([], description="Bare addresses; or contact_id")
    contact_id: Line | None = Field(None, max_length=64, description="Send to this contact")
    cc: Addresses = Field([], description="Bare addresses")
    bcc: Addresses = Field([], description="Bare addresses; makes it high risk")
    thread_id: Line | None = Field(
        None,
        max_length=64,
        description="Reply in this conversation, thr_...; only its participants",
    )
    subject: Subject
    body: Annotated[Text, Field(min_length=1, max_length=20_000, description="Text or Markdown")]

    @model_validator(mode="after")
    def _goes_somewhere(self) -> "EmailMessage":
        if not self.to and not self.contact_id and not self.thread_id:
            raise ValueError("set to, contact_id or thread_id")
        if len(self.to) + len(self.cc) + len(self.bcc) > MAX_RECIPIENTS:
            raise ValueError(f"at most {MAX_RECIPIENTS} recipients in all")
        return self
