"""The Chat Completions API of OpenAI (developers.openai.com/api/reference/resources/chat) and of
the many compatible servers.

The answer's schema is requested by `response_format`; servers may ignore it, because the answer is
validated anyway, and one that refuses it is called again without.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from agents.providers.base import Brief, ProviderRefused
from agents.providers.conversation import Call, ModelMessage, Result, Stop, Transcript
from agents.providers.http_client import Endpoint, Pause

_STOPS = {
    "stop": Stop.DONE,
    "tool_calls": Stop.TOOLS,
    "length": Stop.CUT,
    "content_filter": Stop.DECLINED,
}
_OURS = "api.openai.com"


class OpenaiWire:
    """The API's requests and responses."""

    name = "openai"

    def line(self, brief: Brief, pause: Pause) -> Endpoint:
        """With the operator's key; raises ProviderRefused when there is none."""
        if not settings.OPENAI_API_KEY:
            raise ProviderRefused("The operator has not set OPENAI_API_KEY.")
        headers = {"Authorization": f"Bearer {settings.OPENAI_API_KEY}"}
        url = f"{settings.OPENAI_BASE_URL}/chat/completions"
        return Endpoint("The OpenAI API", url, headers, brief.settings, pause)

    def body(self, talk: Transcript, brief: Brief, max_tokens: int) -> dict[str, Any]:
        """The whole conversation; the API keeps none."""
        body: dict[str, Any] = {
            "model": brief.settings.model,
            # OpenAI's models refuse the old name, most other servers support no other.
            _limit_name(): max_tokens,
            "messages": [{"role": "system", "content": talk.system}, *_messages(talk)],
        }
        if talk.tools:
            body["tools"] = [_tool(tool) for tool in talk.tools]
            body["tool_choice"] = "auto" if talk.may_call else "none"
        if talk.constrained:
            named = {"name": "decision", "strict": True, "schema": talk.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        if brief.settings.temperature is not None:
            body["temperature"] = brief.settings.temperature
        return body

    def turn(self, answer: Mapping[str, Any]) -> ModelMessage | None:
        """Text, tool calls and tokens of the first choice."""
        choice = _first(answer.get("choices"))
        message = choice.get("message")
        if not isinstance(message, dict):
            return None
        calls = _calls(message)
        usage = answer.get("usage")
        spent = usage if isinstance(usage, dict) else {}
        return ModelMessage(
            text=str(message.get("content") or ""),
            calls=calls,
            stop=_stop(choice, message, calls),
            message=_said(message),
            input_tokens=spent.get("prompt_tokens"),
            output_tokens=spent.get("completion_tokens"),
        )


def _limit_name() -> str:
    is_theirs = urlsplit(settings.OPENAI_BASE_URL).hostname == _OURS
    return "max_completion_tokens" if is_theirs else "max_tokens"


def _messages(talk: Transcript) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    for part in talk.said:
        if isinstance(part, str):
            messages.append({"role": "user", "content": part})
        elif isinstance(part, dict):
            messages.append(part)
        else:
            messages += [_result(result) for result in part]
    return messages


def _result(result: Result) -> dict[str, Any]:
    """This API has no error flag for tool results: the text has to say it."""
    text = f"Error: {result.text}" if result.is_error else result.text
    return {"role": "tool", "tool_call_id": result.id, "content": text}


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    function = {
        "name": tool["name"],
        "description": tool["description"],
        "parameters": tool["input_schema"],
    }
    return {"type": "function", "function": function}


def _said(message: Mapping[str, Any]) -> dict[str, Any]:
    """The model's message for sending back, without keys that servers add but requests must not
    have.
    """
    kept = {"role": "assistant", "content": message.get("content")}
    return {**kept, "tool_calls": message["tool_calls"]} if message.get("tool_calls") else kept


def _stop(choice: Mapping[str, Any], message: Mapping[str, Any], calls: tuple[Call, ...]) -> Stop:
    if message.get("refusal"):
        return Stop.DECLINED
    if calls:  # some servers say "stop" anyway
        return Stop.TOOLS
    found = _STOPS.get(str(choice.get("finish_reason")), Stop.DONE)
    return Stop.DONE if found is Stop.TOOLS else found


def _calls(message: Mapping[str, Any]) -> tuple[Call, ...]:
    given = message.get("tool_calls")
    rows = given if isinstance(given, list) else []
    return tuple(_call(row) for row in rows if isinstance(row, dict))


def _call(row: Mapping[str, Any]) -> Call:
    function = row.get("function")
    named = function if isinstance(function, dict) else {}
    try:
        arguments = json.loads(named.get("arguments") or "{}")
    except (TypeError, ValueError):
        arguments = None
    kept = arguments if isinstance(arguments, dict) else None
    return Call(str(row.get("id", "")), str(named.get("name", "")), kept)


def _first(choices: Any) -> Mapping[str, Any]:
    found = choices[0] if isinstance(choices, list) and choices else {}
    return found if isinstance(found, dict) else {}
