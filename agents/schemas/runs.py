from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from agents.schemas.agents import AgentId, Limit, Offset
from approvals.schemas.actions import ReasonCode
from core.pagination import MAX_PAGE
from core.schemas import Answer, Arguments, Line, Text
from crm.schemas.contacts import ContactId

RunId = Annotated[Line, Field(max_length=64, description="Id of the run, run_..., or its job_...")]
Index = Annotated[int, Field(ge=0, le=1000, description="Its place in the contact's list")]
Fingerprint = Annotated[
    Line, Field(min_length=32, max_length=32, description="As get_action gives it")
]
RunStatus = Literal["queued", "running", "waiting", "completed", "failed", "cancelled"]

FULL_PAGE = 25


class TriggerAgent(Arguments):
    agent_id: AgentId
    contact_ids: Annotated[list[ContactId], Field(min_length=1, max_length=500)] | None = Field(
        None, description="Only these, up to 500; default: the contacts it watches"
    )


class RehearseAgent(Arguments):
    """The agent to try out; `contact_ids` names up to three contacts."""

    agent_id: AgentId
    contact_ids: Annotated[list[ContactId], Field(min_length=1, max_length=3)] | None = None


class ListRuns(Arguments):
    agent_id: AgentId
    status: RunStatus | None = Field(None, description="Only this status")
    limit: Limit = 20
    offset: Offset = 0


class GetRun(Arguments):
    run_id: RunId
    mode: Literal["summary", "full"] = Field(
        "summary", description="full: each contact with what was read, reasoning and proposals"
    )
    page: Annotated[int, Field(ge=1, le=MAX_PAGE, description="full: 25 contacts a page")] = 1


class ApproveInRun(Arguments):
    """A proposal of a run, and its shown version."""

    run_id: RunId
    contact_id: ContactId
    index: Index
    fingerprint: Fingerprint


class RejectInRun(Arguments):
    run_id: RunId
    contact_id: ContactId
    index: Index
    reason_code: ReasonCode | None = Field(None, description="Reason")
    reason: Annotated[Text, Field(max_length=1000)] = Field("", description="Why")


class Started(Answer):
    """A started run, to be polled. Each surface says how."""

    job_id: str
    run_id: str
    status: str
    poll_with: str | None = None
    next_poll_seconds: int


class Progress(Answer):
    """The progress of a run; `total` once its contacts are chosen."""

    done: int
    total: int | None = None
    message: str | None = None


class Counts(Answer):
    """The results of a run: proposals, contacts without one, failed contacts."""

    contacts: int
    proposals: int
    nothing: int
    failed: int


class RunOut(Answer):
    """A run. Money in US dollars, times in UTC."""

    run_id: str
    id: str = Field(serialization_alias="_id")
    job_id: str
    agent_id: str
    agent_name: str
    status: str
    trigger: Literal["schedule", "person", "app", "rehearsal"]
    requested_by: str | None = None
    progress: Progress
    counts: Counts
    input_tokens: int
    output_tokens: int
    cost_usd: float
    summary: str | None = None
    error: dict[str, Any] | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    next_poll_seconds: int | None = None


class Read(Answer):
    """An object the agent read."""

    id: str
    kind: str
    at: datetime | None = None
    source: str | None = None


class ProposalOut(Answer):
    """A proposal; `index` is its place in the contact's list. `text` is as drafted."""

    index: int
    intent: str
    type: str
    status: str
    action_id: str | None = None
    action_status: str | None = None
    why: str | None = None
    text: str | None = None
    reasoning: str
    evidence: list[str]
    source: Literal["person", "assistant", "external"]


class TargetOut(Answer):
    """A contact of a run. `reasoning` is the provider's, which may have read external text."""

    contact_id: str
    name: str
    state: str
    read: list[Read]
    read_total: int
    reasoning: str | None = None
    error: str | None = None
    actions: list[ProposalOut]
    source: Literal["external"] = "external"


class RunDetail(RunOut):
    """A run, in full mode with a page of its contacts."""

    contacts: list[TargetOut] | None = None
    page: int | None = None
    total_pages: int | None = None
    truncated: bool | None = None
    omitted: int | None = None
    hint: str | None = None


class RunAnswer(Answer):
    """One run."""

    run: RunDetail


class RunList(Answer):
    """Runs of an agent, newest first."""

    runs: list[RunOut]
    total: int
    limit: int
    offset: int
