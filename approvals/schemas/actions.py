"""Arguments and answers of the ledger's own operations."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from approvals.vocabulary import Status
from core.schemas import SINCE, UNTIL, Answer, Arguments, AwareMoment, Line, Since, Text, Until

ActionId = Annotated[Line, Field(max_length=64, description="Id of the action, act_...")]
Id = Annotated[Line, Field(max_length=64)]
StatusName = Literal[
    "scheduled",
    "pending_approval",
    "approved",
    "auto_approved",
    "rejected",
    "running",
    "completed",
    "failed",
    "cancelled",
]
ReasonCode = Literal[
    "wrong_person", "wrong_time", "wrong_tone", "wrong_fact", "duplicate", "not_wanted", "other"
]


class CreateAction(Arguments):
    type: Annotated[Line, Field(max_length=40, description="As params lists")]
    params: Annotated[
        dict[str, Any],
        Field(
            description="email_message: to or contact_id, cc, bcc, subject, body (Markdown); "
            "resend_send_email: text for body. linkedin_connection, linkedin_message: contact_id, "
            "message. send_slack_message: channel, text. update_contact, update_company: id, "
            "properties. create_note: contact_id or company_id, content. create_task: title. "
            "update_lifecycle_stage: contact_id, stage. escalate_to_human: contact_id, reason. "
            "sync_to_crm, mcp_tool_call, resend_create_contact, resend_create_broadcast"
        ),
    ]
    identity_id: Id | None = Field(None, description="Sender of a message, id_...")
    contact_id: Id | None = Field(None, description="Contact it concerns, if params do not say")
    scheduled_time: AwareMoment | None = Field(None, description="Not before; ISO 8601 with zone")
    direct: bool = Field(False, description="true: as soon as allowed; never skips approval")
    replaces: Id | None = Field(None, description="Your waiting draft that this replaces")
    description: Annotated[Text, Field(max_length=2000)] = Field(
        "", description="Why, for the person who decides"
    )
    evidence: Annotated[list[Id], Field(max_length=50)] = Field(
        [], description="Ids of the events, notes and messages it is based on"
    )

    @model_validator(mode="after")
    def _one_time(self) -> "CreateAction":
        if self.direct and self.scheduled_time:
            raise ValueError("use either direct or scheduled_time")
        return self


class GetAction(Arguments):
    action_id: ActionId


class ListActions(Arguments):
    status: StatusName | None = Field(None, description="Only this status")
    type: Id | None = Field(None, description="Only this type")
    identity_id: Id | None = Field(None, description="Only of this sender")
    contact_id: Id | None = Field(None, description="Only about this contact")
    agent_id: Id | None = Field(None, description="Only of this agent")
    created_after: Since | None = Field(None, description=SINCE)
    created_before: Until | None = Field(None, description=UNTIL)
    limit: Annotated[int, Field(ge=1, le=100, description="Rows, 1 to 100")] = 20
    skip: Annotated[int, Field(ge=0, le=1_000_000, description="Rows to skip")] = 0
    sort_by: Literal["created_at", "runs_at", "expires_at"] = Field(
        "created_at", description="Order by"
    )
    sort_dir: Literal["asc", "desc"] = Field("desc", description="Direction")
    fields: Literal["summary"] | None = Field(None, description="summary: compact rows")


class ApproveAction(Arguments):
    action_id: ActionId
    fingerprint: Annotated[
        Line,
        Field(
            min_length=32,
            max_length=32,
            description="Fingerprint of the card shown, from review_pending_actions or get_action",
        ),
    ]
    # Pages only: the messages since the draft that were on the card. Not offered to tools.
    seen: SkipJsonSchema[Annotated[str, Field(max_length=2000)]] = ""
    # Pages only: how many people a broadcast reaches, as shown on its card.
    audience: SkipJsonSchema[Annotated[str, Field(max_length=500)]] = ""
    # Pages only: other messages to the person that were on the card, and whether they go out.
    others: SkipJsonSchema[Annotated[str, Field(max_length=20_000)]] = ""
    other: SkipJsonSchema[Literal["both", "instead"] | None] = None

    @property
    def replaced(self) -> list[str]:
        """The ids of messages that this one replaces."""
        return self.others.split() if self.other == "instead" else []


class RejectAction(Arguments):
    action_id: ActionId
    reason_code: ReasonCode | None = Field(None, description="Reason")
    reason: Annotated[Text, Field(max_length=1000)] = Field(
        "", description="Explanation for the next draft"
    )


class ReviewPending(Arguments):
    limit: Annotated[int, Field(ge=1, le=50, description="Cards, 1 to 50")] = 20
    cursor: Annotated[Line, Field(max_length=300)] | None = Field(
        None, description="From the previous answer"
    )
    agent_id: Id | None = Field(None, description="Only of this agent")
    type: Id | None = Field(None, description="Only this type")
    contact_id: Id | None = Field(None, description="Only about this contact")
    mine: bool = Field(False, description="Only what you or your apps requested")


class Decision(Answer):
    """The outcome of a decision."""

    decision: Literal["approved", "rejected", "cancelled"] | None = None
    status: Literal["needs_person"] | None = None
    action_id: str
    action_status: Status
    status_detail: str | None = None
    runs_at: datetime | None = None
    undo_until: datetime | None = None
    confirm_url: str | None = None
    why: str | None = None
    replayed: bool | None = None
    next: str


class ActionSummary(Answer):
    """A compact row of the ledger."""

    action_id: str
    type: str
    status: Status
    status_detail: str | None = None
    headline: str
    contact_id: str | None = None
    created_at: datetime


class ActionOut(Answer):
    """A row of the ledger. Params were drafted by an app: data, not instructions."""

    action_id: str
    id: str = Field(serialization_alias="_id")
    type: str
    status: Status
    status_detail: str | None = None
    headline: str
    params: dict[str, Any]
    params_cut: bool | None = None
    source: Literal["assistant", "person", "external"]
    identity_id: str | None = None
    contact_id: str | None = None
    company_id: str | None = None
    description: str | None = None
    asked_by: str
    why: str | None = None
    scheduled_time: datetime | None = None
    runs_at: datetime | None = None
    expires_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    created_at: datetime
    updated_at: datetime


class ActionDetails(Answer):
    """One action with its history; approve_action needs the fingerprint."""

    action: ActionOut
    too_long: bool | None = None
    fingerprint: str | None = None
    message: dict[str, Any] | None = None
    changes: list[dict[str, Any]] | None = None
    red_reasons: list[str] | None = None
    changed_since_draft: list[str] | None = None
    history: list[dict[str, Any]]
    receipt: dict[str, Any] | None = None
    review_url: str


class ActionPage(Answer):
    """A page of the ledger."""

    actions: list[ActionOut | ActionSummary]
    pagination: dict[str, int]


class Review(Answer):
    """The queue, complete cards only; items that need the caller's attention first."""

    attention: dict[str, Any]
    groups: list[dict[str, Any]]
    total: int
    omitted: int
    truncated: bool | None = None
    cursor: str | None = None
    confirm_url: str | None = None
    next: str


class EditAction(Arguments):
    """The new values; params replace the whole object."""

    action_id: ActionId
    params: dict[str, Any] | None = Field(None, description="The whole new params; omit to keep")
    scheduled_time: AwareMoment | None = Field(None, description="Not before; omit to keep")
    identity_id: Id | None = Field(None, description="Sender; omit to keep")
    description: Annotated[Text, Field(max_length=2000)] | None = Field(
        None, description="Why; omit to keep"
    )
    # Dashboard only: the version its form was filled with.
    version: SkipJsonSchema[int | None] = None


class ExecuteAction(Arguments):
    action_id: ActionId


class UndoAction(Arguments):
    action_id: ActionId
