"""Anthropic's Messages API, as far as an agent with tools needs it. Who answers: scripted_model.

Transcribed on 2026-11-25 from https://platform.claude.com/docs/en/api/messages (fields, content
blocks, stop reasons), https://platform.claude.com/docs/en/build-with-claude/structured-outputs
(`output_config.format`, the keywords a schema may have),
https://platform.claude.com/docs/en/models/sonnet-5-5/migration-guide (what current models
refuse) and https://platform.claude.com/docs/en/api/errors (statuses and their bodies).
"""

import json
import re
import uuid
from typing import Any

from fakes.base import Answer, Call, FakeServer, Refuse, problem, serve
from fakes.scripted_model import Asked, Said, is_known, say, tokens_of
from fakes.structured import closed, unsupported

TOKEN = "sk-ant-fake"  # noqa: S105 - of a server that stands for Anthropic
VERSION = "2023-06-01"
_CURRENT = re.compile(r"claude-(fable|opus|sonnet|haiku)-5")
_STOPS = {"done": "end_turn", "tools": "tool_use", "cut": "max_tokens", "declined": "refusal"}
_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}


_TEXT = closed(["type", "text"], type={"const": "text"}, text={"type": "string"})
_TOOL_USE = closed(
    ["type", "id", "name", "input"],
    type={"const": "tool_use"},
    id={"type": "string", "pattern": "^[a-zA-Z0-9_-]+$"},
    name={"type": "string"},
    input={"type": "object"},
)
_TOOL_RESULT = closed(
    ["type", "tool_use_id"],
    type={"const": "tool_result"},
    tool_use_id={"type": "string"},
    content={"type": "string"},
    is_error={"type": "boolean"},
)
_MESSAGE = closed(
    ["role", "content"],
    role={"enum": ["user", "assistant"]},
    content={
        "anyOf": [
            {"type": "string", "minLength": 1},
            {"type": "array", "items": {"anyOf": [_TEXT, _TOOL_USE, _TOOL_RESULT]}},
        ]
    },
)
REQUEST = closed(
    ["model", "max_tokens", "messages"],
    model={"type": "string", "minLength": 1},
    max_tokens={"type": "integer", "minimum": 1},
    system={"type": "string"},
    messages={"type": "array", "minItems": 1, "items": _MESSAGE},
    temperature={"type": "number", "minimum": 0, "maximum": 1},
    tools={
        "type": "array",
        "items": closed(
            ["name", "input_schema"],
            name={"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,128}$"},
            description={"type": "string"},
            input_schema={"type": "object", "required": ["type"]},
        ),
    },
    tool_choice={
        "anyOf": [
            closed(["type"], type={"enum": ["auto", "any", "none"]}),
            closed(["type", "name"], type={"const": "tool"}, name={"type": "string"}),
        ]
    },
    output_config=closed(
        [],
        format=closed(["type", "schema"], type={"const": "json_schema"}, schema={}),
        effort={"enum": ["low", "medium", "high"]},
    ),
)


class Anthropic(FakeServer):
    """The API for one key."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.route("POST", "/v1/messages", self._create)

    def authorise(self, call: Call) -> None:
        """The key in x-api-key, the version beside it."""
        if call.headers.get("x-api-key") != self.token:
            raise Refuse(_no(401, "invalid x-api-key"))
        if call.headers.get("anthropic-version") != VERSION:
            raise Refuse(_no(400, "anthropic-version: header is required"))

    def unknown_route(self, call: Call) -> Answer:
        """The answer to a path there is not."""
        return _no(404, "Not found")

    def rate_limited(self, retry_after: int | None) -> Answer:
        """HTTP 429; without Retry-After it is the spend limit."""
        if retry_after is None:
            return _no(429, "Spend limit reached.", {"error_code": "enforced_spend_limit_reached"})
        answer = _no(429, "This request would exceed your rate limit.")
        return Answer(429, answer.body, {"Retry-After": str(retry_after)})

    def broken(self, status: int) -> Answer:
        """A fault of Anthropic's own; 529 when it has too much to do."""
        return _no(status, "Overloaded" if status == 529 else "Internal server error")

    def _create(self, call: Call, _: re.Match[str]) -> Answer:
        wrong = problem(REQUEST, call.json) or _wrong(call.json)
        if wrong:
            return _no(400, wrong)
        if not is_known(call.json["model"]):
            return _no(404, f"model: {call.json['model']}")
        asked = _asked(call.json)
        said = say(asked)
        return Answer(200, _body(call.json, asked, said), effect={"stop": said.stop})


def _wrong(request: dict[str, Any]) -> str:
    """What the schema of a request can't say."""
    shape = request.get("output_config", {}).get("format", {}).get("schema")
    if shape is not None and request["model"] == "fake-plain":
        return "output_config.format: not supported by this model"
    is_current = bool(_CURRENT.match(request["model"]))
    if is_current and request.get("temperature", 1) != 1:
        return "temperature: not supported by this model"
    if is_current and request.get("tool_choice", {}).get("type") in {"any", "tool"}:
        return "tool_choice: forced tool use is not supported by this model"
    return (unsupported(shape) if shape is not None else "") or _unanswered(request["messages"])


def _unanswered(messages: list[dict[str, Any]]) -> str:
    """Every tool_use needs its tool_result in the very next message, and no other."""
    wanted: set[str] = set()
    for message in messages:
        blocks = message["content"] if isinstance(message["content"], list) else []
        given = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
        if given != wanted:
            return "messages: tool_use ids and tool_result blocks do not match"
        wanted = {block["id"] for block in blocks if block["type"] == "tool_use"}
    return "messages: tool_use without tool_result" if wanted else ""


def _asked(request: dict[str, Any]) -> Asked:
    messages = request["messages"]
    ours = [message for message in messages if message["role"] == "user"]
    blocks = [b for m in ours if isinstance(m["content"], list) for b in m["content"]]
    return Asked(
        model=request["model"],
        system=request.get("system", ""),
        user=[m["content"] for m in ours if isinstance(m["content"], str)],
        outside=[block.get("content", "") for block in blocks if block["type"] == "tool_result"],
        said=len(messages) - len(ours),
        tools=[
            {"name": tool["name"], "schema": tool["input_schema"]}
            for tool in request.get("tools", ())
        ],
        may_call=request.get("tool_choice", {}).get("type", "auto") != "none",
    )


def _body(request: dict[str, Any], asked: Asked, said: Said) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": said.text}] if said.text else []
    content += [
        {"type": "tool_use", "id": f"toolu_{uuid.uuid4().hex}", "name": name, "input": arguments}
        for name, arguments in said.calls
    ]
    return {
        "id": f"msg_{uuid.uuid4().hex}",
        "type": "message",
        "role": "assistant",
        "model": request["model"],
        "content": content,
        "stop_reason": _STOPS[said.stop],
        "stop_sequence": None,
        "usage": {
            "input_tokens": tokens_of(json.dumps(request)),
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": tokens_of(json.dumps(content)),
        },
    }


def _no(status: int, message: str, details: dict[str, str] | None = None) -> Answer:
    error = {"type": _ERRORS.get(status, "api_error"), "message": message}
    body = {"type": "error", "error": error | ({"details": details} if details else {})}
    return Answer(status, {**body, "request_id": f"req_{uuid.uuid4().hex}"})


if __name__ == "__main__":
    serve(Anthropic, "anthropic", TOKEN)
