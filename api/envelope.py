"""The shape of every answer: `status` success with the resource beside it, or error."""

import json
from typing import Any

import structlog
from django.http import HttpResponse

from core import clock
from core.errors import AppError
from core.outcomes import Verdict

JsonObject = dict[str, Any]

# RFC 9110 15.3.3: accepted, and not yet carried out.
_ACCEPTED = {Verdict.QUEUED, Verdict.SCHEDULED}
_SINGULARS = {"companies": "company", "identities": "identity"}


def success(answer: JsonObject) -> JsonObject:
    """An operation's answer as a body.

    An envelope's status becomes `outcome`, and the created or changed record is under its noun. An
    action's own status inside a result is `action_status`, as everywhere.
    """
    result = answer.get("result") or {}
    rest = {key: value for key, value in answer.items() if key not in {"result", "status"}}
    outcome = {"outcome": answer["status"]} if "status" in answer else {}
    made = {("action_status" if key == "status" else key): part for key, part in result.items()}
    body = {"status": "success", **made, **outcome, **rest}
    return {key: _with_id(key, part) for key, part in body.items()}


def status_of(answer: JsonObject, *, creates: bool) -> int:
    """202 for a waiting action, 201 for a created record, else 200."""
    outcome = answer.get("status")
    if outcome in _ACCEPTED:
        return 202
    return 201 if creates and outcome == Verdict.EXECUTED else 200


def error(refusal: AppError) -> JsonObject:
    """A refusal as a body; facts such as the conflicting id are beside the sentence."""
    facts = refusal.as_dict()
    message = facts.pop("message")
    field = facts.pop("field", None)
    return {
        "status": "error",
        "error": message,
        "details": [{"field": field, "message": message}] if field else [],
        "timestamp": clock.iso(clock.now()),
        "request_id": request_id(),
        **facts,
    }


def as_response(body: JsonObject, status: int = 200) -> HttpResponse:
    """A body as JSON in UTF-8."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text, status=status, content_type="application/json")


def request_id() -> str:
    """The id that joins the answer with the log's lines."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def _with_id(noun: str, part: Any) -> Any:
    """Rows of a noun with `_id` beside `<noun>_id`."""
    if isinstance(part, list):
        return [_with_id(noun, row) for row in part]
    name = f"{_SINGULARS.get(noun, noun.removesuffix('s'))}_id"
    if isinstance(part, dict) and name in part and "_id" not in part:
        return {"_id": part[name], **part}
    return part
