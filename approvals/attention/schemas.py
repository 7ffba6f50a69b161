from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from approvals.schemas.actions import ActionId
from core.schemas import Answer, Arguments, Line

SubjectId = Annotated[
    Line, Field(max_length=64, description="Id of the action, sender, agent or rule")
]


class ListAttention(Arguments):
    limit: Annotated[int, Field(ge=1, le=100, description="Rows, 1 to 100")] = 20


class AttentionOut(Answer):
    """One attention item."""

    kind: str
    what: str
    subject_id: str
    action_id: str | None = None
    count: int
    opened_at: datetime
    review_url: str


class AttentionPage(Answer):
    """The caller's attention items, newest first, and their number."""

    attention: list[AttentionOut]
    total: int


class SeeAttention(Arguments):
    subject_id: SubjectId


class DropAttention(Arguments):
    subject_id: SubjectId


class AgainAction(Arguments):
    action_id: ActionId


class DraftedAgain(Answer):
    """The new draft, waiting, that replaces the ended action."""

    action_id: str
    status: str
    replaces: str


class SettleAction(Arguments):
    """A person's answer about a message with an unknown outcome."""

    action_id: ActionId
    outcome: Literal["went_out", "send_again", "drop"] = Field(
        description="went_out: it was sent; send_again: send the same message again; drop: leave it"
    )
