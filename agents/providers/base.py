"""The interface between a run and its provider: a model's API, or the built-in planner.

A provider reads a brief about one contact, may call the given read tools, and returns its
proposals. It changes nothing and does not access the database.
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
    """The remaining budget of a run: tokens, and micro-USD (millionths of a dollar)."""

    input_tokens: int
    output_tokens: int
    micro_usd: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens and money spent; `micro_usd` by the price list (agents.providers.prices)."""

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
    """The complete input of a decision about one contact.

    `instructions`: our text, the playbook, reviewers' feedback. `facts` contain external text.
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

    `params` are those of `action_type`, for the contact of the brief: the model never chooses the
    contact. `evidence` ids come from `facts.evidence_ids` or a read tool's answer; the run checks
    that they belong to the contact.
    """

    kind: str
    action_type: str
    params: Mapping[str, Any]
    evidence: tuple[str, ...]
    reasoning: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The proposals, the reason for them (or for none), and the cost."""

    intents: tuple[Intent, ...]
    summary: str
    usage: Usage


class ReadTools(Protocol):
    """The read-only tools a model may call. The run supplies them."""

    def definitions(self) -> list[dict[str, Any]]:
        """Each tool as {name, description, input_schema} with a JSON Schema of an object."""

    def call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """A tool's answer as JSON; raises core.errors.AppError with a sentence for the model."""


class Provider(Protocol):
    """Makes decisions about contacts."""

    name: str

    def decide(self, brief: Brief, tools: ReadTools) -> Decision:
        """Decide about one contact; raises a subclass of ProviderError."""


class ProviderError(Exception):
    """No decision was made; `sentence` is ours, `usage` was spent anyway."""

    def __init__(self, sentence: str, usage: Usage | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.usage = usage or Usage()


class ProviderUnavailable(ProviderError):
    """It did not respond, is busy or broken: `retryable` after a number of seconds. Or it refused
    this request, which affects only this contact: not `retryable`.
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
    """It refuses our key or model: retrying any request is pointless."""


class DecisionInvalid(ProviderError):
    """The model's answer was invalid, even after a correction request."""


class Interrupted(ProviderError):
    """The caller ended it, between two attempts."""


class BudgetSpent(ProviderError):
    """The next request could cost more than the remaining budget."""
