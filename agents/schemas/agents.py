from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictBool, WithJsonSchema

from agents.capabilities import CAPABILITIES
from core.schemas import Answer, Arguments, Line, Text, not_empty, seen_whole

Capability = Literal["email", "linkedin", "notes", "tasks", "crm_updates", "crm_sync"]
ProviderName = Literal["builtin", "anthropic", "openai"]


def _each_once(words: list[str]) -> list[str]:
    return [word for word in CAPABILITIES if word in words]


AgentId = Annotated[Line, Field(max_length=64, description="Id of the agent, ag_...")]
Name = Annotated[Line, AfterValidator(seen_whole), AfterValidator(not_empty), Field(max_length=80)]
Description = Annotated[Text, AfterValidator(seen_whole), Field(max_length=500)]
Capabilities = Annotated[
    list[Capability], AfterValidator(_each_once), Field(max_length=len(CAPABILITIES))
]
Template = Annotated[Line, Field(max_length=40)]
IdentityId = Annotated[Line, Field(max_length=64)]


class Playbook(Arguments):
    """The task of an agent."""

    playbook_md: Annotated[
        Text, Field(max_length=20_000, description="What to look for and to propose, in Markdown")
    ]


class Monitoring(Arguments):
    """The contacts an agent watches, and its schedule; omitted fields stay unchanged."""

    filter: dict[str, Any] | None = Field(
        None, description="Whom to watch: the segment grammar; {} is nobody automatically"
    )
    schedule_cron: Annotated[Line, Field(max_length=120)] | None = Field(
        None, description="Cron in the workspace's time zone, e.g. 0 9 * * 1-5; empty: never"
    )
    max_contacts_per_run: Annotated[int, Field(ge=1, le=500)] | None = None
    cooldown: Annotated[int, Field(ge=0, le=8760)] | None = Field(
        None, description="Hours before the same contact is reviewed again"
    )


class LlmConfig(Arguments):
    """The provider of an agent; omitted fields stay unchanged."""

    provider: ProviderName | None = Field(
        None, description="builtin follows the template's rules without a model"
    )
    model: Annotated[Line, Field(max_length=80)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Field(ge=256, le=32_000)] | None = None
    budget: Annotated[float, Field(ge=0, le=1000)] | None = Field(
        None, description="US dollars a day"
    )


# Their fields in words: the full schemas would cost clients more than they help.
MonitoringData = Annotated[
    Monitoring,
    WithJsonSchema(
        {
            "type": "object",
            "description": "filter (the segment grammar, {} for nobody), schedule_cron in the "
            "workspace's time zone ('' for never), max_contacts_per_run 1 to 500, cooldown in "
            "hours before the same contact again",
        }
    ),
]
LlmConfigData = Annotated[
    LlmConfig,
    WithJsonSchema(
        {
            "type": "object",
            "description": "provider (builtin, anthropic, openai), model, temperature 0 to 2, "
            "max_tokens 256 to 32000, budget in US dollars a day",
        }
    ),
]
PlaybookData = Annotated[
    Playbook,
    WithJsonSchema(
        {
            "type": "object",
            "description": "{playbook_md}: what to look for and propose, in Markdown",
        }
    ),
]
Limit = Annotated[int, Field(ge=1, le=100, description="Rows, 1 to 100")]
Offset = Annotated[int, Field(ge=0, le=10_000, description="Rows to skip")]


class ListAgents(Arguments):
    enabled: bool | None = Field(None, description="Only enabled, or only disabled")
    playbook_template: Template | None = Field(None, description="Only agents created from it")
    limit: Limit = 20
    offset: Offset = 0


class GetAgent(Arguments):
    agent_id: AgentId


class _Facts(Arguments):
    description: Description | None = Field(None, description="What it is for")
    playbook: PlaybookData | None = None
    capabilities: Capabilities | None = Field(None, description="What it may propose")
    identity_id: IdentityId | None = Field(None, description="Sender it writes for; null: none")
    monitoring: MonitoringData | None = None
    llm_config: LlmConfigData | None = None


class CreateAgent(_Facts):
    """A new agent; it is off. Omitted fields come from the template."""

    name: Annotated[Name, Field(description="Unique among agents")]
    playbook_template: Template | None = Field(None, description="Template to start from")


class UpdateAgent(_Facts):
    """The agent and its changes; omitted fields stay unchanged."""

    agent_id: AgentId
    name: Name | None = Field(None, description="Unique among agents")
    playbook_template: Template | None = Field(
        None, description="Takes over its rules; a playbook of one's own is kept; null: none"
    )
    enabled: StrictBool | None = Field(None, description="true: it runs on its schedule")


class DeleteAgent(Arguments):
    """The agent to delete; its proposals stay."""

    agent_id: AgentId


class DuplicateAgent(Arguments):
    """The agent to copy; the copy is off."""

    agent_id: AgentId


class LastRun(Answer):
    """An agent's latest run."""

    run_id: str
    status: str
    created_at: datetime


class MonitoringOut(Answer):
    """The contacts an agent watches, and its schedule."""

    filter: dict[str, Any]
    schedule_cron: str | None = None
    max_contacts_per_run: int
    cooldown: int


class LlmConfigOut(Answer):
    """The provider of an agent; `budget` in US dollars per day."""

    provider: str
    model: str | None = None
    temperature: float | None = None
    max_tokens: int
    budget: float


class AgentOut(Answer):
    """An agent. `next_run_at` only while it is on and has a schedule."""

    agent_id: str
    id: str = Field(serialization_alias="_id")
    name: str
    description: str | None = None
    enabled: bool
    switched_off_why: str | None = None
    playbook_template: str | None = None
    capabilities: list[str]
    identity_id: str | None = None
    owner: str
    monitoring: MonitoringOut
    llm_config: LlmConfigOut
    next_run_at: datetime | None = None
    last_run: LastRun | None = None
    created_at: datetime
    updated_at: datetime


class Reason(Answer):
    """A person's reason for rejecting, or edited text; in their own words."""

    action_id: str
    type: str
    contact_id: str | None = None
    reason_code: str | None = None
    reason: str | None = None
    edited: str | None = None
    at: datetime


class Feedback(Answer):
    """Reviewers' decisions on the agent's proposals.

    `unedited_rate`: the share of approved ones that went out as drafted, 0 to 1.
    """

    proposed: int
    waiting: int
    approved: int
    approved_unedited: int
    rejected: int
    expired: int
    unedited_rate: float | None = None
    latest: list[Reason]


class AgentDetail(AgentOut):
    """An agent with its playbook and reviewers' decisions on its proposals.

    The playbook is written by people here; `contacts_matching` is the number of contacts its filter
    finds now.
    """

    playbook: Playbook
    contacts_matching: int
    runs: int
    spent_today_usd: float
    feedback: Feedback


class AgentList(Answer):
    """Agents, newest first."""

    agents: list[AgentOut]
    total: int
    limit: int
    offset: int


class AgentAnswer(Answer):
    """One agent."""

    agent: AgentDetail
