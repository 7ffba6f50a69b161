"""Calls that follow a job for a while and report its progress (MCP, progress).

1. Only the answer of an operation that names its job (`follows`) is followed, and only while that
   job moves: one that ended or waits for a person is answered at once.
2. The job's row is read each second; in between no database connection is held.
3. The caller is authenticated again every few seconds and before the last answer, which is reread:
   a revoked token ends the wait without further data.
4. The number of waiting calls is limited per process and per person; others are answered at once.
"""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from math import floor
from typing import Any, Protocol

import structlog
from asgiref.sync import sync_to_async
from django.db import DatabaseError, connections

from core.actor import Actor
from core.errors import Unavailable
from core.streams import off_the_loop
from jobs.queries.progress import Standing, standing_of
from pathbound_mcp.protocol import tool_calls
from pathbound_mcp.protocol.tool_calls import Answer
from tools.base import Tool

log = structlog.get_logger(__name__)

FOLLOW_SECONDS = 20.0  # clients give up after 45 to 60
POLL_SECONDS = 1.0
CHECK_SECONDS = 5.0


class ConnectionEnded(Exception):
    """The caller is no longer authorized."""


class Tell(Protocol):
    """Sends one progress notification."""

    async def __call__(
        self, progress: float, total: float | None = None, message: str | None = None
    ) -> None:
        """Each `progress` is greater than the one before."""


Renew = Callable[[], Awaitable[Actor]]


class Places:
    """How many calls may wait: `in_all` in this process, `each` for one person."""

    def __init__(self, in_all: int, each: int) -> None:
        self._in_all, self._each = in_all, each
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def one_for(self, person: str) -> Iterator[bool]:
        """A slot while the block runs, or False if none is free."""
        taken = self._take(person)
        try:
            yield taken
        finally:
            if taken:
                with self._lock:
                    self._held[person] -= 1
                    self._held += Counter()  # removes people without a slot

    def _take(self, person: str) -> bool:
        with self._lock:
            is_free = self._held.total() < self._in_all and self._held[person] < self._each
            self._held[person] += int(is_free)
        return is_free


places = Places(in_all=40, each=4)


class Steps:
    """A job's progress as growing numbers, as MCP requires, even if only the text changes.

    Completed steps are whole numbers. A change of text alone goes half of the way to the next.
    """

    def __init__(self) -> None:
        self._told: tuple[int, int | None, str] | None = None
        self._last = -1.0

    def next(self, now: Standing) -> dict[str, Any] | None:
        """The next notification; None if nothing is new, or the total is already reached."""
        if (now.done, now.total, now.message) == self._told:
            return None
        self._told = now.done, now.total, now.message
        between = (self._last + floor(self._last) + 1) / 2
        progress = float(now.done) if now.done > self._last else between
        if now.total is not None and progress > now.total:
            return None
        self._last = progress
        return {"progress": progress, "total": now.total, "message": now.message or None}


async def follow(  # noqa: PLR0913 - the call, its first answer, and its two ways out
    actor: Actor, tool: Tool, arguments: dict[str, Any], first: Answer, *, tell: Tell, renew: Renew
) -> Answer:
    """The answer once its job rests or the time is up; `first` itself if the job does not move.

    Raises ConnectionEnded, and InsufficientScope as the call itself does.
    """
    name_job = tool.declared.follows
    if name_job is None or first.is_error:
        return first
    with places.one_for(str(actor.user_id)) as is_free:
        if not is_free:
            return first
        await sync_to_async(connections.close_all)()
        begun = time.monotonic()
        if not await _follow(actor.workspace_id, name_job(first.content), tell, renew):
            return first
    log.info("mcp.followed", tool=tool.name, seconds=round(time.monotonic() - begun, 1))
    return await off_the_loop(tool_calls.run, await renew(), tool, arguments, is_charged=False)


async def _follow(workspace_id: str, job_id: str, tell: Tell, renew: Renew) -> bool:
    """Report changes until the job rests or the time is up; returns whether it moved at all."""
    begun = checked = time.monotonic()
    steps = Steps()
    now = await _look(workspace_id, job_id)
    moved = now is not None and now.moves
    while now is not None and moved:
        if (step := steps.next(now)) is not None:
            await tell(**step)
        if not now.moves or time.monotonic() - begun >= FOLLOW_SECONDS:
            break
        await asyncio.sleep(POLL_SECONDS)
        if time.monotonic() - checked >= CHECK_SECONDS:
            checked = time.monotonic()
            await renew()
        now = await _look(workspace_id, job_id)
    return moved


async def _look(workspace_id: str, job_id: str) -> Standing | None:
    try:
        return await off_the_loop(standing_of, workspace_id, job_id)
    except (DatabaseError, Unavailable):  # the last answer says it, if it lasts
        log.warning("mcp.job_unread", job_id=job_id)
        return None
