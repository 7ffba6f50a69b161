"""OpenAI's Chat Completions API, as far as an agent with tools needs it. Who answers:
scripted_model.

Transcribed on 2026-11-25 from
https://developers.openai.com/api/reference/resources/chat/subresources/completions/methods/create
(fields, messages, finish reasons), https://developers.openai.com/api/docs/guides/structured-outputs
(strict schemas, refusals), https://developers.openai.com/api/docs/guides/function-calling and
https://developers.openai.com/api/docs/guides/error-codes.
"""

import json
import re
import time
import uuid
from typing import Any

from fakes.base import Answer, Call, FakeServer, Refuse, bearer, problem, serve
from fakes.scripted_model import Asked, Said, is_known, say, tokens_of
from fakes.structured import closed, not_strict

TOKEN = "sk-fake"  # noqa: S105 - of a server that stands for OpenAI
_STOPS = {"done": "stop", "tools": "tool_calls", "cut": "length", "declined": "stop"}


_STRING = {"type": "string"}
_CALL = closed(
    ["id", "type", "function"],
    id=_STRING,
    type={"const": "function"},
    function=closed(["name", "arguments"], name=_STRING, arguments=_STRING),
)
_MESSAGE = {
    "anyOf": [
        closed(
            ["role", "content"], role={"enum": ["system", "developer", "user"]}, content=_STRING
        ),
        closed(
            ["role"],
            role={"const": "assistant"},
            content={"type": ["string", "null"]},
            refusal={"type": ["string", "null"]},
            tool_calls={"type": "array", "minItems": 1, "items": _CALL},
        ),
        closed(
            ["role", "content", "tool_call_id"],
            role={"const": "tool"},
            content=_STRING,
            tool_call_id=_STRING,
        ),
    ]
}
REQUEST = closed(
    ["model", "messages"],
    model={"type": "string", "minLength": 1},
    messages={"type": "array", "minItems": 1, "items": _MESSAGE},
    max_tokens={"type": "integer", "minimum": 1},
    max_completion_tokens={"type": "integer", "minimum": 1},
    temperature={"type": "number", "minimum": 0, "maximum": 2},
    tools={
        "type": "array",
        "minItems": 1,
        "items": closed(
            ["type", "function"],
            type={"const": "function"},
            function=closed(
                ["name"],
                name={"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,64}$"},
                description=_STRING,
                parameters={"type": "object"},
                strict={"type": "boolean"},
            ),
        ),
    },
    tool_choice={"enum": ["none", "auto", "required"]},
    response_format=closed(
        ["type", "json_schema"],
        type={"const": "json_schema"},
        json_schema=closed(
            ["name", "schema"],
            name={"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,64}$"},
            strict={"type": "boolean"},
            schema={"type": "object"},
        ),
    ),
)


class Openai(FakeServer):
    """The API for one key."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.route("POST", "/v1/chat/completions", self._create)

    def authorise(self, call: Call) -> None:
        """A bearer token."""
        if bearer(call) != self.token:
            raise Refuse(_no(401, "Incorrect API key provided.", code="invalid_api_key"))

    def unknown_route(self, call: Call) -> Answer:
        """The answer to a path there is not."""
        return _no(404, f"Invalid URL ({call.method} {call.path})")

    def rate_limited(self, retry_after: int | None) -> Answer:
        """HTTP 429; without Retry-After the account has no money left."""
        if retry_after is None:
            return _no(429, "You exceeded your current quota.", code="insufficient_quota")
        answer = _no(429, "Rate limit reached.", code="rate_limit_exceeded")
        return Answer(429, answer.body, {"Retry-After": str(retry_after)})

    def broken(self, status: int) -> Answer:
        """A fault of OpenAI's own."""
        return _no(status, "The server had an error.", kind="server_error")

    def _create(self, call: Call, _: re.Match[str]) -> Answer:
        wrong = problem(REQUEST, call.json) or _wrong(call.json)
        if wrong:
            return _no(400, wrong)
        if not is_known(call.json["model"]):
            return _no(404, "The model does not exist.", code="model_not_found")
        asked = _asked(call.json)
        said = say(asked)
        return Answer(200, _body(call.json, said), effect={"stop": said.stop})


def _wrong(request: dict[str, Any]) -> str:
    """What the schema of a request can't say."""
    shape = request.get("response_format", {}).get("json_schema", {})
    if shape and request["model"] == "fake-plain":
        return "response_format is not supported"
    strict = not_strict(shape["schema"]) if shape.get("strict") else ""
    return strict or _unanswered(request["messages"])


def _unanswered(messages: list[dict[str, Any]]) -> str:
    """Every tool call is answered before anybody says something else."""
    wanted: set[str] = set()
    for message in messages:
        if message["role"] == "tool":
            if message["tool_call_id"] not in wanted:
                return "a message with role 'tool' must follow a message with 'tool_calls'"
            wanted.discard(message["tool_call_id"])
        elif wanted:
            return "'tool_calls' must be followed by tool messages for each 'tool_call_id'"
        else:
            wanted = {row["id"] for row in message.get("tool_calls", ())}
    return "'tool_calls' must be followed by tool messages" if wanted else ""


def _asked(request: dict[str, Any]) -> Asked:
    by_role: dict[str, list[dict[str, Any]]] = {}
    for message in request["messages"]:
        by_role.setdefault(message["role"], []).append(message)
    tools = [tool["function"] for tool in request.get("tools", ())]
    return Asked(
        model=request["model"],
        system="\n".join(message["content"] for message in by_role.get("system", ())),
        user=[message["content"] for message in by_role.get("user", ())],
        outside=[message["content"] for message in by_role.get("tool", ())],
        said=len(by_role.get("assistant", ())),
        tools=[{"name": tool["name"], "schema": tool.get("parameters", {})} for tool in tools],
        may_call=request.get("tool_choice", "auto") != "none",
    )


def _body(request: dict[str, Any], said: Said) -> dict[str, Any]:
    declines = said.stop == "declined"
    message: dict[str, Any] = {
        "role": "assistant",
        "content": said.text or None,
        "refusal": "I can't help with that." if declines else None,
    }
    if said.calls:
        message["tool_calls"] = [_call(name, arguments) for name, arguments in said.calls]
    asked, answered = tokens_of(json.dumps(request)), tokens_of(json.dumps(message))
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": request["model"],
        "choices": [
            {
                "index": 0,
                "message": {**message, "annotations": []},
                "logprobs": None,
                "finish_reason": _STOPS[said.stop],
            }
        ],
        "usage": {
            "prompt_tokens": asked,
            "completion_tokens": answered,
            "total_tokens": asked + answered,
        },
    }


def _call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {"id": f"call_{uuid.uuid4().hex}", "type": "function", "function": function}


def _no(
    status: int, message: str, *, kind: str = "invalid_request_error", code: str | None = None
) -> Answer:
    error = {"message": message, "type": kind, "param": None, "code": code}
    return Answer(status, {"error": error})


if __name__ == "__main__":
    serve(Openai, "openai", TOKEN)
