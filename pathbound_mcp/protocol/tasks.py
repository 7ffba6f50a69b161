"""The Tasks extension of MCP 2026-07-28: the same job rows, as tasks of the protocol.

https://github.com/modelcontextprotocol/ext-tasks (draft, read 2026-11-25): only where the request
itself declares the extension may a call answer with a task, which the client then asks for by id.
Here a task is a long job; its id is the job's, its result what the job answers.
"""

from collections.abc import Mapping
from typing import Any

from core import limits, operations
from core.actor import Actor
from core.errors import AppError, NotFound
from core.operations import Effect
from pathbound_mcp.protocol.calls import Answer, call_rate
from tools.base import Tool

EXTENSION = "io.modelcontextprotocol/tasks"
KEPT_MS = 30 * 86_400_000  # an ended job is kept that long
METHODS = ("tasks/get", "tasks/cancel")
_STATUSES = {
    "queued": "working",
    "running": "working",
    "waiting": "working",
    "completed": "completed",
    "failed": "failed",
    "cancelled": "cancelled",
}


class NoSuchTask(Exception):
    """Nobody's task, or another's; the text is ours."""


def is_declared(capabilities: Any) -> bool:
    """Whether the client's capabilities, as the request carries them, name the extension."""
    if hasattr(capabilities, "model_dump"):
        capabilities = capabilities.model_dump(by_alias=True, exclude_none=True)
    extensions = capabilities.get("extensions") if isinstance(capabilities, Mapping) else None
    return isinstance(extensions, Mapping) and EXTENSION in extensions


def started_by(actor: Actor, tool: Tool, done: Answer) -> dict[str, Any] | None:
    """The task a call began; None for an answer that is none."""
    job_id = done.content.get("job_id")
    if done.is_error or tool.declared.effect is not Effect.JOB or not isinstance(job_id, str):
        return None
    return {**_task(_ask(actor, "get", job_id)), "resultType": "task"}


def get(actor: Actor, task_id: str) -> dict[str, Any]:
    """A task as it is now, with its result or error once it has ended; raises NoSuchTask."""
    limits.take(f"mcp:{actor.user_id}", call_rate())
    return {**_finished(_ask(actor, "get", task_id)), "resultType": "complete"}


def cancel(actor: Actor, task_id: str) -> dict[str, Any]:
    """End a task; one that has ended stays as it is. Raises NoSuchTask."""
    limits.take(f"mcp:{actor.user_id}", call_rate())
    try:
        _ask(actor, "cancel", task_id)
    except NoSuchTask:
        raise
    except AppError:  # it ended first: tasks/get says how
        pass
    return {"resultType": "complete"}


def _ask(actor: Actor, verb: str, job_id: str) -> dict[str, Any]:
    """The job as JSON; every call asks anew who may see it."""
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


def _finished(job: dict[str, Any]) -> dict[str, Any]:
    task = _task(job)
    if job["status"] == "completed":
        return {**task, "result": Answer({"job": job}).as_result()}
    if job["status"] == "failed":
        error = {"code": -32603, "message": job["error"]["message"], "data": job["error"]}
        return {**task, "error": error}
    return task
