"""One tool call: its limit, its answer or refusal, its line in the log."""

import json
import time
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import structlog
from django.conf import settings

from core import limits
from core.actor import Actor
from core.errors import AppError, InsufficientScope, Unavailable
from core.limits import Rate
from pathbound_mcp.metrics import tool_call_seconds
from tools.base import Tool

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """A tool's answer: one JSON object, and whether it is a refusal."""

    content: dict[str, Any]
    is_error: bool = False

    def as_result(self) -> dict[str, Any]:
        """MCP's CallToolResult: the text is the same JSON as the structured content."""
        text = json.dumps(self.content, ensure_ascii=False, separators=(",", ":"))
        return {
            "content": [{"type": "text", "text": text}],
            "structuredContent": self.content,
            "isError": self.is_error,
            "resultType": "complete",  # required by 2026-07-28; older versions drop it
        }


def run(actor: Actor, tool: Tool, arguments: dict[str, Any], *, is_charged: bool = True) -> Answer:
    """Call the tool and log one line; raises InsufficientScope only (an HTTP 403, access-7).

    `is_charged` is False for a further look within one call.
    """
    started = time.perf_counter()
    outcome = "ok"
    try:
        charge = partial(_charge, actor, tool) if is_charged else None
        return Answer(tool.call(actor, arguments, charge=charge))
    except AppError as refusal:
        outcome = refusal.code
        if isinstance(refusal, InsufficientScope):
            raise
        return Answer({"error": refusal.as_dict()}, is_error=True)
    except Exception:  # the outermost edge: a client never reads an exception's text
        outcome = Unavailable.code
        log.exception("mcp.call_failed", tool=tool.name, request_id=_request_id())
        return Answer({"error": _unexpected().as_dict()}, is_error=True)
    finally:
        seconds = time.perf_counter() - started
        tool_call_seconds.labels(tool=tool.name, outcome=outcome).observe(seconds)
        _log_line(actor, tool, outcome, seconds)


def _charge(actor: Actor, tool: Tool) -> None:
    bucket = "mcp-deciding" if tool.deciding else "mcp"
    limits.take(f"{bucket}:{actor.user_id}", call_rate())


def call_rate() -> Rate:
    """How often one person's apps may call."""
    return _rate(settings.MCP_RATE_LIMIT)


@lru_cache(maxsize=8)
def _rate(text: str) -> Rate:
    return Rate.parse(text)


def _unexpected() -> Unavailable:
    return Unavailable(
        "Something went wrong on our side.",
        hint="Try once more; if it fails again, give this request_id to the operator.",
        request_id=_request_id(),
    )


def _request_id() -> str:
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def _log_line(actor: Actor, tool: Tool, outcome: str, seconds: float) -> None:
    log.info(
        "mcp.call",
        tool=tool.name,
        outcome=outcome,
        ms=round(seconds * 1000, 1),
        workspace=actor.workspace_id,
        user=actor.user_id,
        client=actor.client.host if actor.client else None,
        request_id=_request_id(),
    )
