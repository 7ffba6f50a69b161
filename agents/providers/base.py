"""The port between a run and whoever decides: a model's API, or the built-in planner.

A provider reads a brief about one contact, may call the read tools it is given, and answers with
what it would propose. It changes nothing and knows no database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from agents.planning.facts import Facts


@dataclass(frozen=True, slots=True)
class Settings:
    """An agent's llm_config. `temperature` None leaves it to the provider; seconds per request."""

    provider: str
    model: str
    temperature: float | None = None
    max_tokens: int = 4096
    timeout_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Budget:
    """What the run may still spend: tokens, and micro-USD (millionths of a dollar)."""

    input_tokens: int
    output_tokens: int
    micro_usd: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What was spent; `micro_usd` by the price list (agents.providers.prices)."""

    input_tokens: int = 0
    output_tokens: int = 0
    requests: int = 0
    micro_usd: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.requests + other.requests,
            self.micro_usd + other.micro_usd,
        )


@dataclass(frozen=True, slots=True)
class Brief:
    """All a decision about one contact rests on.

    `instructions`: our words, the playbook, what reviewers said. `facts` hold outsiders' text.
    `capabilities`: the action types the agent may propose. `template`: the playbook template the
    agent was made from, if any.
    """

    instructions: str
    facts: Facts
    capabilities: tuple[str, ...]
    template: str | None
    settings: Settings
    budget: Budget
    now: datetime


@dataclass(frozen=True, slots=True)
class Intent:
    """One proposed action. `kind` is a stable slug, unique per run and contact.

    `params` are those of `action_type`, for the contact of the brief: whom it is about is never
    the model's to say. `evidence` ids are of `facts.evidence_ids` or stood in an answer of a read
    tool; whether those belong to the contact is the run's to check.
    """

    kind: str
    action_type: str
    params: Mapping[str, Any]
    evidence: tuple[str, ...]
    reasoning: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What to propose, why (or why nothing), and what finding out has cost."""

    intents: tuple[Intent, ...]
    summary: str
    usage: Usage


class ReadTools(Protocol):
    """The tools a model may call: they read, nothing else. The run supplies them."""

    def definitions(self) -> list[dict[str, Any]]:
        """Each tool as {name, description, input_schema} with a JSON Schema of an object."""

    def call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """A tool's answer as JSON; raises core.errors.AppError with a sentence for the model."""


class Provider(Protocol):
    """Whoever decides."""

    name: str

    def decide(self, brief: Brief, tools: ReadTools) -> Decision:
        """What to propose for one contact; raises ProviderError in one of its forms."""


class ProviderError(Exception):
    """No decision came; `sentence` is ours, `usage` what was spent all the same."""

    def __init__(self, sentence: str, usage: Usage | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.usage = usage or Usage()


class ProviderUnavailable(ProviderError):
    """It did not answer, is busy or broken: `retryable` later, after so many seconds. Or it refused
    this one request, of which only this contact knows: not `retryable`.
    """

    def __init__(
        self,
        sentence: str,
        usage: Usage | None = None,
        *,
        retryable: bool = True,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(sentence, usage)
        self.retryable = retryable
        self.retry_after_seconds = retry_after_seconds


class ProviderRefused(ProviderError):
    """It says no to our key or model: whatever is asked, trying again changes nothing."""


class DecisionInvalid(ProviderError):
    """The model's answer did not hold up, not even after it was told what was wrong."""


class Interrupted(ProviderError):
    """Who asked ended it, between two tries."""


class BudgetSpent(ProviderError):
    """The next request could cost more than what is left."""
