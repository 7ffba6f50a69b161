"""The Tasks extension of MCP 2026-07-28: the same job rows, as tasks of the protocol.

https://github.com/modelcontextprotocol/ext-tasks (specification/2026-07-28): only if the request
itself declares the extension may a call answer with a task, which the client then polls by id. Here
a task is a long job; its id is the job's, its result the job's answer. A job that failed is a
completed task with a result that is an error: `failed` is for faults of the protocol.

A job's request to a person is an elicitation, in a mode the request declares (2026-07-28, client
elicitation): a form for the operation's arguments, else the page. It is listed under its own key
until it is answered; a refusal or a second answer changes nothing.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal

from pydantic import BaseModel

from core import limits, operations
from core.actor import Actor
from core.errors import AppError, Conflict, NotFound
from core.operations import Effect
from core.schemas import input_schema, validated
from jobs.runners import Ask, ask_of
from pathbound_mcp.protocol.tool_calls import Answer, call_rate
from tools.base import Tool

EXTENSION = "io.modelcontextprotocol/tasks"
KEPT_MS = 30 * 86_400_000  # an ended job is kept for this time
METHODS = ("tasks/get", "tasks/update", "tasks/cancel")
FORM, PAGE = "form", "url"
# The keywords of a form's field (2026-07-28, restricted subset of JSON Schema).
_FIELD_WORDS = ("type", "title", "description", "minLength", "maxLength", "format", "default")
_STATUSES = {
    "queued": "working",
    "running": "working",
    "waiting": "working",
    "completed": "completed",
    "failed": "completed",
    "cancelled": "cancelled",
}


class NoSuchTask(Exception):
    """An unknown task, or another person's; the text is ours."""


class _Response(BaseModel):
    """The result of an elicitation (ElicitResult); other fields are ignored."""

    action: Literal["accept", "decline", "cancel"]
    content: dict[str, Any] = {}


def is_declared(capabilities: Any) -> bool:
    """Whether the client's capabilities, as the request carries them, name the extension."""
    return EXTENSION in (_declared(capabilities, "extensions") or {})


def modes_of(capabilities: Any) -> frozenset[str]:
    """The client's elicitation modes; a bare `elicitation` means forms."""
    declared = _declared(capabilities, "elicitation")
    if declared is None:
        return frozenset()
    return frozenset({FORM, PAGE} & declared.keys()) or frozenset({FORM})


def _declared(capabilities: Any, name: str) -> Mapping[str, Any] | None:
    if hasattr(capabilities, "model_dump"):
        capabilities = capabilities.model_dump(by_alias=True, exclude_none=True)
    found = capabilities.get(name) if isinstance(capabilities, Mapping) else None
    return found if isinstance(found, Mapping) else None


def started_by(actor: Actor, tool: Tool, done: Answer) -> dict[str, Any] | None:
    """The task a call started; None for other answers."""
    job_id = done.content.get("job_id")
    if done.is_error or tool.declared.effect is not Effect.JOB or not isinstance(job_id, str):
        return None
    return {**_task(_ask(actor, "get", job_id)), "resultType": "task"}


def get(actor: Actor, task_id: str, modes: frozenset[str]) -> dict[str, Any]:
    """A task as it is now, with its requests to a person, or its result; raises NoSuchTask."""
    limits.take(f"mcp:{actor.user_id}", call_rate())
    job = _ask(actor, "get", task_id)
    return {**_task(job), **_wanted(actor, job, modes), **_result(job), "resultType": "complete"}


def update(
    actor: Actor, task_id: str, modes: frozenset[str], responses: Mapping[str, Any]
) -> dict[str, Any]:
    """Submit a person's input, through the operation that accepts it.

    Responses to requests that are not open are ignored; so is a refusal: the request stays open,
    here and on the page. Raises NoSuchTask, and the operation's errors.
    """
    limits.take(f"mcp:{actor.user_id}", call_rate())
    job = _ask(actor, "get", task_id)
    ask = ask_of(actor, job["kind"], task_id)
    if ask is not None and ask.key in responses and _mode(ask, modes) is not None:
        response = validated(_Response, responses[ask.key])
        if response.action == "accept" and _mode(ask, modes) == FORM:
            _hand_in(actor, task_id, ask, response.content)
    return {"resultType": "complete"}


def _hand_in(actor: Actor, task_id: str, ask: Ask, content: Mapping[str, Any]) -> None:
    typed = {name: content[name] for name in ask.fields if name in content}
    with suppress(Conflict):  # answered or ended in between: tasks/get has its state
        operations.submit(actor, operations.get(ask.operation), {"job_id": task_id, **typed})


def cancel(actor: Actor, task_id: str) -> dict[str, Any]:
    """End a task; one that has ended stays as it is. Raises NoSuchTask."""
    limits.take(f"mcp:{actor.user_id}", call_rate())
    try:
        _ask(actor, "cancel", task_id)
    except NoSuchTask:
        raise
    except AppError:  # it ended first: tasks/get has the outcome
        pass
    return {"resultType": "complete"}


def _ask(actor: Actor, verb: str, job_id: str) -> dict[str, Any]:
    """The job as JSON; every call checks access again."""
    try:
        answer = operations.submit(actor, operations.get(f"jobs.job.{verb}"), {"job_id": job_id})
    except NotFound as missing:
        raise NoSuchTask("No such task.") from missing
    found: dict[str, Any] = answer["job"]
    return found


def _task(job: dict[str, Any]) -> dict[str, Any]:
    moments = [job[name] for name in ("finished_at", "started_at", "created_at") if name in job]
    task = {
        "taskId": job["job_id"],
        "status": _STATUSES[job["status"]],
        "createdAt": job["created_at"],
        "lastUpdatedAt": moments[0],
        "ttlMs": KEPT_MS,
    }
    if "next_poll_seconds" in job:
        task["pollIntervalMs"] = job["next_poll_seconds"] * 1000
    said = job.get("error", {}).get("message") or job["progress"].get("message")
    return {**task, "statusMessage": said} if said else task


def _result(job: dict[str, Any]) -> dict[str, Any]:
    if job["status"] == "completed":
        return {"result": Answer({"job": job}).as_result()}
    if job["status"] == "failed":
        return {"result": Answer({"error": job["error"]}, is_error=True).as_result()}
    return {}


def _wanted(actor: Actor, job: dict[str, Any], modes: frozenset[str]) -> dict[str, Any]:
    ask = ask_of(actor, job["kind"], job["job_id"])
    mode = None if ask is None else _mode(ask, modes)
    if ask is None or mode is None or not _may_answer(actor, ask):
        return {}
    how = {"url": ask.url} if mode == PAGE else {"requestedSchema": _form(ask)}
    request = {
        "method": "elicitation/create",
        "params": {"mode": mode, "message": ask.message, **how},
    }
    return {"status": "input_required", "inputRequests": {ask.key: request}}


def _mode(ask: Ask, modes: frozenset[str]) -> str | None:
    """The mode of a request: a form if the operation accepts it, else its page, if any."""
    if ask.operation and FORM in modes:
        return FORM
    return PAGE if ask.url and PAGE in modes else None


def _may_answer(actor: Actor, ask: Ask) -> bool:
    if not ask.operation:
        return True
    try:
        operations.get(ask.operation).authorise(actor)
    except AppError:
        return False
    return True


def _form(ask: Ask) -> dict[str, Any]:
    """A flat object of plain fields, which is all that a form may be."""
    known = input_schema(operations.get(ask.operation).schema)["properties"]
    fields = {
        name: {word: known[name][word] for word in _FIELD_WORDS if word in known[name]}
        for name in ask.fields
    }
    return {"type": "object", "properties": fields, "required": list(ask.fields)}
