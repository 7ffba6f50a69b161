"""Anthropic's Messages API (platform.claude.com/docs/en/api/messages, anthropic-version
2023-06-01).

The answer's schema is requested by `output_config.format`, not by a forced tool: a forced tool
choice is an error on current models, and the format works together with optional tools.
`temperature` is omitted unless the agent sets one, because current models refuse it.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from agents.providers.base import Brief, ProviderRefused
from agents.providers.conversation import Call, ModelMessage, Result, Stop, Transcript
from agents.providers.http_client import Endpoint, Pause

VERSION = "2023-06-01"
_STOPS = {
    "end_turn": Stop.DONE,
    "stop_sequence": Stop.DONE,
    "tool_use": Stop.TOOLS,
    "max_tokens": Stop.CUT,
    "model_context_window_exceeded": Stop.CUT,
    "refusal": Stop.DECLINED,
}


class AnthropicWire:
    """The API's requests and responses."""

    name = "anthropic"

    def line(self, brief: Brief, pause: Pause) -> Endpoint:
        """With the operator's key; raises ProviderRefused when there is none."""
        if not settings.ANTHROPIC_API_KEY:
            raise ProviderRefused("The operator has not set ANTHROPIC_API_KEY.")
        headers = {"x-api-key": settings.ANTHROPIC_API_KEY, "anthropic-version": VERSION}
        url = f"{settings.ANTHROPIC_BASE_URL}/v1/messages"
        return Endpoint("Anthropic", url, headers, brief.settings, pause)

    def body(self, talk: Transcript, brief: Brief, max_tokens: int) -> dict[str, Any]:
        """The whole conversation; the API keeps none."""
        body: dict[str, Any] = {
            "model": brief.settings.model,
            "max_tokens": max_tokens,
            "system": talk.system,
            "messages": [_message(part) for part in talk.said],
        }
        if talk.tools:
            body["tools"] = talk.tools
            body["tool_choice"] = {"type": "auto" if talk.may_call else "none"}
        if talk.constrained:
            body["output_config"] = {"format": {"type": "json_schema", "schema": talk.schema}}
        if brief.settings.temperature is not None:
            body["temperature"] = brief.settings.temperature
        return body

    def turn(self, answer: Mapping[str, Any]) -> ModelMessage | None:
        """Text, tool calls and tokens; the content is sent back unchanged, thinking included."""
        content, stop = answer.get("content"), _STOPS.get(str(answer.get("stop_reason")))
        if not isinstance(content, list) or stop is None:
            return None
        blocks = [block for block in content if isinstance(block, dict)]
        calls = tuple(_call(block) for block in blocks if block.get("type") == "tool_use")
        usage = answer.get("usage")
        spent = usage if isinstance(usage, dict) else {}
        return ModelMessage(
            text="".join(str(b.get("text", "")) for b in blocks if b.get("type") == "text"),
            calls=calls,
            stop=Stop.DONE if stop is Stop.TOOLS and not calls else stop,
            message={"role": "assistant", "content": content},
            input_tokens=_input_of(spent),
            output_tokens=spent.get("output_tokens"),
        )


def _message(part: str | dict[str, Any] | list[Result]) -> dict[str, Any]:
    if isinstance(part, str):
        return {"role": "user", "content": part}
    if isinstance(part, dict):
        return part
    return {"role": "user", "content": [_result(result) for result in part]}


def _result(result: Result) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": result.id, "content": result.text}
    return {**block, "is_error": True} if result.is_error else block


def _call(block: Mapping[str, Any]) -> Call:
    given = block.get("input")
    arguments = given if isinstance(given, dict) else None
    return Call(str(block.get("id", "")), str(block.get("name", "")), arguments)


def _input_of(usage: Mapping[str, Any]) -> int | None:
    """All input tokens, with those from a cache, which `input_tokens` excludes."""
    if not isinstance(usage.get("input_tokens"), int):
        return None
    cached = ("cache_creation_input_tokens", "cache_read_input_tokens")
    return int(usage["input_tokens"]) + sum(int(usage.get(name) or 0) for name in cached)
