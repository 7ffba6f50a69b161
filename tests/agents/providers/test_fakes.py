"""The fake servers refuse what the real APIs refuse."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from fakes import anthropic, openai
from fakes.scripted_model import is_known
from tests.fakes import Provider

SHAPE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["summary"],
    "properties": {"summary": {"type": "string"}},
}
HELLO = {"role": "user", "content": "Hello"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
USE = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}


@pytest.fixture
def claude(model_api: Callable[[str], Provider]) -> Provider:
    return model_api("anthropic")


@pytest.fixture
def gpt(model_api: Callable[[str], Provider]) -> Provider:
    return model_api("openai")


def ask_claude(fake: Provider, **changes: Any) -> httpx.Response:
    body = {"model": "claude-sonnet-5-5", "max_tokens": 500, "messages": [HELLO]} | changes
    headers = {"x-api-key": anthropic.TOKEN, "anthropic-version": anthropic.VERSION}
    return httpx.post(f"{fake.origin}/v1/messages", json=body, headers=headers)


def ask_gpt(fake: Provider, **changes: Any) -> httpx.Response:
    body = {"model": "gpt-6-sol", "messages": [HELLO]} | changes
    headers = {"Authorization": f"Bearer {openai.TOKEN}"}
    return httpx.post(f"{fake.origin}/v1/chat/completions", json=body, headers=headers)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"max_tokens": None}, "max_tokens"),
        ({"surprise": 1}, "surprise"),
        ({"temperature": 0.3}, "temperature"),
        ({"tool_choice": {"type": "tool", "name": "look"}}, "forced tool use"),
        ({"messages": [HELLO, {"role": "assistant", "content": [USE]}, HELLO]}, "tool_use"),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
            "additionalProperties",
        ),
        (
            {
                "output_config": {
                    "format": {
                        "type": "json_schema",
                        "schema": SHAPE
                        | {"properties": {"summary": {"type": "string", "maxLength": 9}}},
                    }
                }
            },
            "maxLength",
        ),
    ],
)
def test_anthropic_refuses(claude: Provider, changes: dict[str, Any], says: str) -> None:
    answer = ask_claude(claude, **changes)

    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert says in answer.json()["error"]["message"]


def test_anthropic_answers_in_its_words(claude: Provider) -> None:
    form = {"format": {"type": "json_schema", "schema": SHAPE}}
    answer = ask_claude(claude, output_config=form).json()

    assert (answer["type"], answer["role"], answer["stop_reason"]) == (
        "message",
        "assistant",
        "end_turn",
    )
    assert json.loads(answer["content"][0]["text"])["intents"] == []
    assert ask_claude(claude, model="no-such-model").status_code == 404


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"surprise": 1}, "surprise"),
        ({"tools": []}, "tools"),
        ({"messages": [HELLO, {"role": "assistant", "tool_calls": [CALL]}, HELLO]}, "tool_calls"),
        (
            {"messages": [HELLO, {"role": "tool", "content": "x", "tool_call_id": "call_9"}]},
            "must follow",
        ),
        (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {
                        "name": "decision",
                        "strict": True,
                        "schema": SHAPE | {"required": []},
                    },
                }
            },
            "required",
        ),
    ],
)
def test_openai_refuses(gpt: Provider, changes: dict[str, Any], says: str) -> None:
    answer = ask_gpt(gpt, **changes)

    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert says in answer.json()["error"]["message"]


def test_openai_answers_in_its_words(gpt: Provider) -> None:
    answer = ask_gpt(gpt).json()

    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert json.loads(answer["choices"][0]["message"]["content"])["intents"] == []
    assert ask_gpt(gpt, model="no-such-model").json()["error"]["code"] == "model_not_found"


def test_a_wrong_key_is_refused_by_both_and_stands_in_no_log(
    claude: Provider, gpt: Provider
) -> None:
    secret = {"x-api-key": "guess", "Authorization": "Bearer guess"}

    first = httpx.post(f"{claude.origin}/v1/messages", json={}, headers=secret)
    second = httpx.post(f"{gpt.origin}/v1/chat/completions", json={}, headers=secret)

    assert (first.status_code, second.status_code) == (401, 401)
    assert "guess" not in claude.log.read_text() + gpt.log.read_text()


def test_only_models_there_are_are_known() -> None:
    assert is_known("fake-obedient")
    assert is_known("claude-haiku-5-5")
    assert not is_known("fake-unheard-of")
