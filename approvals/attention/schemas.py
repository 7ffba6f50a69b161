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
    """One thing to look at."""

    kind: str
    what: str
    subject_id: str
    action_id: str | None = None
    count: int
    opened_at: datetime
    review_url: str


class AttentionPage(Answer):
    """What calls for the caller's attention, newest first, and how much there is."""

    attention: list[AttentionOut]
    total: int


class SeeAttention(Arguments):
    subject_id: SubjectId


class DropAttention(Arguments):
    subject_id: SubjectId


class AgainAction(Arguments):
    action_id: ActionId


class DraftedAgain(Answer):
    """A new draft, which waits, in place of what ended."""

    action_id: str
    status: str
    replaces: str


class SettleAction(Arguments):
    """What a person knows of a message whose fate nobody could tell."""

    action_id: ActionId
    outcome: Literal["went_out", "send_again", "drop"] = Field(
        description="went_out: it was sent; send_again: send the same message again; drop: leave it"
    )
