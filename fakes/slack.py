"""Slack's Web API, as far as a bot that posts into channels needs it.

Transcribed on 2026-11-25 from
https://docs.slack.dev/reference/methods/chat.postMessage (arguments, errors),
https://docs.slack.dev/reference/methods/auth.test,
https://docs.slack.dev/reference/methods/conversations.list and
https://docs.slack.dev/apis/web-api/rate-limits (HTTP 429 with Retry-After).

Errors are HTTP 200 with `ok` false, as Slack has them. Slack ignores unknown arguments; this
refuses them, so that none slips in.
"""

import itertools
import re
import time
from typing import Any
from urllib.parse import parse_qsl

from fakes.base import Answer, Call, FakeServer, Refuse, bearer, problem, serve

TOKEN = "xoxb-fake-token"  # noqa: S105 - of a server that stands for Slack
MAX_TEXT = 40_000
MAX_BLOCKS = 50

CHANNELS: list[dict[str, Any]] = [
    {"id": "C0GENERAL1", "name": "general", "is_member": True},
    {"id": "C0SALES001", "name": "sales", "is_member": True},
    {"id": "C0PARTNER1", "name": "acme-and-partner", "is_member": True, "is_ext_shared": True},
    {"id": "C0ABSENT01", "name": "somewhere-else", "is_member": False},
    {"id": "C0ARCHIVE1", "name": "old-news", "is_member": True, "is_archived": True},
]

_TEXT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["type", "text"],
    "properties": {
        "type": {"enum": ["plain_text", "mrkdwn"]},
        "text": {"type": "string", "minLength": 1, "maxLength": 3000},
        "emoji": {"type": "boolean"},
        "verbatim": {"type": "boolean"},
    },
}
_BLOCK = {
    "oneOf": [
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["type", "text"],
            "properties": {"type": {"const": "section"}, "text": _TEXT, "block_id": {}},
        },
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["type", "text"],
            "properties": {
                "type": {"const": "header"},
                "text": {
                    **_TEXT,
                    "properties": {
                        **_TEXT["properties"],  # type: ignore[dict-item]
                        "type": {"const": "plain_text"},
                        "text": {"type": "string", "minLength": 1, "maxLength": 150},
                    },
                },
            },
        },
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["type"],
            "properties": {"type": {"const": "divider"}},
        },
    ]
}
POST_MESSAGE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["channel"],
    "properties": {
        "channel": {"type": "string", "minLength": 1},
        "text": {"type": "string"},
        "blocks": {"type": "array", "items": _BLOCK, "maxItems": MAX_BLOCKS},
        "unfurl_links": {"type": "boolean"},
        "unfurl_media": {"type": "boolean"},
        "link_names": {"type": "boolean"},
        "mrkdwn": {"type": "boolean"},
        "parse": {"enum": ["none", "full"]},
        "thread_ts": {"type": "string"},
        "reply_broadcast": {"type": "boolean"},
    },
}


class Slack(FakeServer):
    """One workspace with a few channels."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self._numbers = itertools.count(1)
        self.route("POST", r"/api/chat\.postMessage", self._post)
        for method in ("GET", "POST"):
            self.route(method, r"/api/auth\.test", self._test)
            self.route(method, r"/api/conversations\.list", self._list)
            self.route(method, r"/api/conversations\.info", self._info)

    def authorise(self, call: Call) -> None:
        """A bearer token; Slack says no with HTTP 200."""
        token = bearer(call)
        if not token:
            raise Refuse(_no("not_authed"))
        if token != self.token:
            raise Refuse(_no("invalid_auth"))

    def unknown_route(self, call: Call) -> Answer:
        """Slack's answer to a method it does not have."""
        return _no("unknown_method")

    def rate_limited(self, retry_after: int | None) -> Answer:
        """HTTP 429; Slack always says how long to wait."""
        headers = {"Retry-After": str(retry_after or 30)}
        return Answer(429, {"ok": False, "error": "ratelimited"}, headers)

    def _post(self, call: Call, _: re.Match[str]) -> Answer:
        if not call.headers.get("content-type", "").startswith("application/json"):
            return _no("invalid_post_type")
        given = call.json
        if not isinstance(given, dict):
            return _no("invalid_json")
        wrong = problem(POST_MESSAGE, given)
        if wrong:
            code = "invalid_blocks" if wrong.startswith("blocks") else "invalid_arguments"
            return _no(code, wrong)
        code = _obstacle(given)
        return _no(code) if code else self._posted(given)

    def _posted(self, given: dict[str, Any]) -> Answer:
        stamp = f"{int(time.time())}.{next(self._numbers):06d}"
        message = {
            "type": "message",
            "subtype": "bot_message",
            "text": given.get("text", ""),
            "ts": stamp,
            "bot_id": "B0FAKE0001",
        }
        if given.get("blocks"):
            message["blocks"] = given["blocks"]
        answer = {"ok": True, "channel": given["channel"], "ts": stamp, "message": message}
        return Answer(200, answer, effect={"posted": stamp, "channel": given["channel"]})

    def _test(self, _call: Call, _: re.Match[str]) -> Answer:
        return Answer(
            200,
            {
                "ok": True,
                "url": "https://acme-test.slack.com/",
                "team": "Acme",
                "user": "pathbound",
                "team_id": "T0FAKE0001",
                "user_id": "U0FAKE0001",
                "bot_id": "B0FAKE0001",
            },
        )

    def _list(self, call: Call, _: re.Match[str]) -> Answer:
        asked = _arguments(call)
        limit = min(int(asked.get("limit") or 100), 1000)
        start = int(asked.get("cursor") or 0)
        rows = [_channel(row) for row in CHANNELS]
        if asked.get("exclude_archived") in {"true", "1"}:
            rows = [row for row in rows if not row["is_archived"]]
        page = rows[start : start + limit]
        following = str(start + limit) if start + limit < len(rows) else ""
        meta = {"next_cursor": following}
        return Answer(200, {"ok": True, "channels": page, "response_metadata": meta})

    def _info(self, call: Call, _: re.Match[str]) -> Answer:
        found = _by_id(_arguments(call).get("channel", ""))
        if found is None:
            return _no("channel_not_found")
        return Answer(200, {"ok": True, "channel": _channel(found)})


def _obstacle(given: dict[str, Any]) -> str:
    channel = _by_id(given["channel"])
    text = given.get("text", "")
    if channel is None:
        return "channel_not_found"
    if not channel["is_member"]:
        return "not_in_channel"
    if channel.get("is_archived"):
        return "is_archived"
    if not text and not given.get("blocks"):
        return "no_text"
    return "msg_too_long" if len(text) > MAX_TEXT else ""


def _by_id(channel_id: str) -> dict[str, Any] | None:
    return next((row for row in CHANNELS if row["id"] == channel_id), None)


def _channel(row: dict[str, Any]) -> dict[str, Any]:
    shared = row.get("is_ext_shared", False)
    plain = {"is_channel": True, "is_private": False, "is_archived": False, "is_shared": shared}
    return {**plain, "is_ext_shared": shared, "is_org_shared": False, **row}


def _arguments(call: Call) -> dict[str, str]:
    if call.headers.get("content-type", "").startswith("application/json"):
        given = call.json
        return {key: _word(value) for key, value in given.items()} if given else {}
    return {**call.query, **dict(parse_qsl(call.body.decode("utf-8", "replace")))}


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _no(code: str, message: str = "") -> Answer:
    more = {"response_metadata": {"messages": [f"[ERROR] {message}"]}} if message else {}
    return Answer(200, {"ok": False, "error": code, **more})


if __name__ == "__main__":
    serve(Slack, "slack", TOKEN)
