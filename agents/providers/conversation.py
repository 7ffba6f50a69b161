"""The conversation with a model over any API: look up, decide, and one correction.

1. The facts are shown; the model may call the read tools, at most MAX_ROUNDS times.
2. Its answer is validated. If it is invalid the model gets the reason and may answer once more.
3. Every request is first checked against the budget, and all spending is counted, even without a
   decision.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

from agents.providers import prompt, proposals
from agents.providers.base import (
    Brief,
    Decision,
    DecisionInvalid,
    Interrupted,
    ProviderUnavailable,
    ReadTools,
    Usage,
)
from agents.providers.http_client import (
    Endpoint,
    FormatRefused,
    Meter,
    Pause,
    estimate_tokens,
    post_json,
)
from core.errors import AppError

MAX_ROUNDS = 8
MAX_CALLS = 8


class Stop(StrEnum):
    """Why a model ended its turn."""

    DONE = "done"
    TOOLS = "tools"
    CUT = "cut"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call by the model; `arguments` is None when they are not a JSON object."""

    id: str
    name: str
    arguments: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class ModelMessage:
    """The model's reply: its text, its tool calls, and the original message."""

    text: str
    calls: tuple[Call, ...]
    stop: Stop
    message: dict[str, Any]
    input_tokens: int | None
    output_tokens: int | None


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a tool call, or an error."""

    id: str
    text: str
    is_error: bool = False


@dataclass(slots=True)
class Transcript:
    """A conversation so far: our text, the model's original messages, tool results."""

    system: str
    said: list[str | dict[str, Any] | list[Result]]
    tools: list[dict[str, Any]]
    schema: dict[str, Any]
    may_call: bool = True
    constrained: bool = True
    rounds: int = 0
    seen: set[str] = field(default_factory=set)


class Wire(Protocol):
    """The wire format of one API."""

    name: str

    def line(self, brief: Brief, pause: Pause) -> Endpoint:
        """The endpoint; raises ProviderRefused when the operator has set no key."""

    def body(self, talk: Transcript, brief: Brief, max_tokens: int) -> dict[str, Any]:
        """The request of the next turn."""

    def turn(self, answer: Mapping[str, Any]) -> ModelMessage | None:
        """The model's reply, or None when the response is not as documented."""


class Model:
    """A provider that calls a model over one wire format."""

    def __init__(self, wire: Wire, pause: Pause = time.sleep) -> None:
        self.name = wire.name
        self._wire = wire
        self._pause = pause

    def decide(self, brief: Brief, tools: ReadTools) -> Decision:
        """The model's decision; raises a subclass of ProviderError."""
        allowed = tuple(name for name in brief.capabilities if name in proposals.PROPOSABLE)
        if not allowed:
            return Decision((), "The agent may not propose anything a model can fill in.", Usage())
        brief = replace(brief, capabilities=allowed)
        return _Conversation(self._wire, brief, tools, self._pause).decide()


class _Conversation:
    """One decision."""

    def __init__(self, wire: Wire, brief: Brief, tools: ReadTools, pause: Pause) -> None:
        self._wire, self._brief, self._tools = wire, brief, tools
        self._line = wire.line(brief, pause)
        self._meter = Meter(brief.budget, brief.settings.model)
        self._fence = prompt.fence_for(brief.facts)
        self._talk = Transcript(
            system=prompt.system_text(brief, self._fence),
            said=[prompt.first_message(brief, self._fence)],
            tools=tools.definitions(),
            schema=proposals.without_unsupported(proposals.answer_schema(brief.capabilities)),
        )

    def decide(self) -> Decision:
        """Converse until there is a valid answer, or no more attempts are allowed."""
        try:
            return self._talked()
        except Interrupted as ended:
            raise Interrupted(ended.sentence, self._meter.usage) from ended

    def _talked(self) -> Decision:
        wrong = self._answered()
        if isinstance(wrong, Decision):
            return wrong
        self._talk.said.append(f"That did not hold up. {wrong} Answer again, with the whole JSON.")
        again = self._answered()
        if isinstance(again, Decision):
            return again
        raise DecisionInvalid("The model's answer was invalid twice.", self._meter.usage)

    def _answered(self) -> Decision | str:
        """The decision, or the error in the answer."""
        turn = self._next()
        while turn.stop is Stop.TOOLS:
            self._look_up(turn.calls)
            turn = self._next()
        if turn.stop is Stop.DECLINED:
            raise DecisionInvalid("The model declined to answer.", self._meter.usage)
        if turn.stop is Stop.CUT:
            return "It was cut off: it has to be shorter."
        try:
            intents, summary = proposals.intents_of(
                turn.text, self._brief.facts, self._brief.capabilities, self._talk.seen
            )
        except proposals.InvalidProposal as error:
            return str(error)
        return Decision(intents, summary, self._meter.usage)

    def _next(self) -> ModelMessage:
        turn = self._asked()
        self._talk.said.append(turn.message)
        if turn.stop is Stop.TOOLS and not self._talk.may_call:
            raise DecisionInvalid("The model kept reading and did not decide.", self._meter.usage)
        return turn

    def _asked(self) -> ModelMessage:
        wanted = self._brief.settings.max_tokens
        draft = self._wire.body(self._talk, self._brief, wanted)
        left = self._meter.output_left(draft, wanted)
        body = self._wire.body(self._talk, self._brief, left)
        try:
            answer = post_json(self._line, body, self._meter)
        except FormatRefused as error:
            if not self._talk.constrained:
                raise self._gone(str(error)) from error
            # Older models and other servers don't know structured output; the answer is checked
            # anyway, and the system text says its shape.
            self._talk.constrained = False
            return self._asked()
        turn = self._wire.turn(answer)
        if turn is None:
            self._meter.add(estimate_tokens(body), 0)
            raise self._gone(f"{self._line.label} sent an unexpected response.")
        self._count(turn, body)
        return turn

    def _gone(self, sentence: str) -> ProviderUnavailable:
        """A failure for this contact; the next one may succeed."""
        return ProviderUnavailable(sentence, self._meter.usage, retryable=False)

    def _count(self, turn: ModelMessage, body: Mapping[str, Any]) -> None:
        """As reported by the API; some servers report nothing."""
        asked = estimate_tokens(body) if turn.input_tokens is None else turn.input_tokens
        said = turn.output_tokens
        self._meter.add(asked, estimate_tokens(turn.message) if said is None else said)

    def _look_up(self, calls: tuple[Call, ...]) -> None:
        self._talk.rounds += 1
        self._talk.said.append([self._result(call, n) for n, call in enumerate(calls)])
        self._talk.may_call = self._talk.rounds < MAX_ROUNDS

    def _result(self, call: Call, number: int) -> Result:
        known = {tool["name"] for tool in self._talk.tools}
        if number >= MAX_CALLS:
            return Result(call.id, f"At most {MAX_CALLS} calls at a time.", is_error=True)
        if call.name not in known:
            return Result(call.id, "There is no such tool.", is_error=True)
        if call.arguments is None:
            return Result(call.id, "The arguments are not a JSON object.", is_error=True)
        try:
            answer = self._tools.call(call.name, call.arguments)
        except AppError as error:
            return Result(call.id, error.words, is_error=True)
        self._talk.seen |= proposals.ids_in(answer)
        return Result(call.id, prompt.tool_text(answer, self._fence))
