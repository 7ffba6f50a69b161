"""Live updates of the queue: one poll per second, workspace and process, for every open page.

1. A stream says `changed` whenever the workspace's counter grew; the page then fetches its list.
2. Between two polls no database connection is held, regardless of the number of open pages.
3. Every 15 seconds the session and the membership are read again; without them the stream ends.
4. After five minutes it ends anyway, and the browser comes back.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module

import structlog
from django.conf import settings
from django.contrib import auth
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from accounts import actors
from accounts.http import Request
from core import audit
from core.streams import off_the_loop

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
CHECK_SECONDS = 15.0
PING_SECONDS = 10.0
LIFETIME_SECONDS = 300.0
RETRY_MILLISECONDS = 3000


async def stream(request: Request) -> HttpResponseBase:
    """Server-sent events (`text/event-stream`) for the workspace of the session; GET only."""
    if request.method != "GET":
        return HttpResponse(status=405, headers={"Allow": "GET"})
    listener = Listener(
        session_key=request.session.session_key or "",
        user_id=str(request.actor.user_id),
        workspace_id=request.actor.workspace_id,
    )
    answer = StreamingHttpResponse(listener.events(), content_type="text/event-stream")
    answer["Cache-Control"] = "no-store"
    answer["X-Accel-Buffering"] = "no"
    return answer


class Listener:
    """One open page."""

    def __init__(self, *, session_key: str, user_id: str, workspace_id: str) -> None:
        self.session_key = session_key
        self.user_id = user_id
        self.workspace_id = workspace_id

    async def events(self) -> AsyncIterator[str]:
        """The events of the stream."""
        started = checked = time.monotonic()
        async with watching(self.workspace_id) as watch:
            seen = watch.count
            # Sent at once: the page's list may be older than this count.
            yield f"retry: {RETRY_MILLISECONDS}\n{_changed(seen)}"
            while time.monotonic() - started < LIFETIME_SECONDS:
                count = await watch.after(seen, PING_SECONDS)
                if time.monotonic() - checked >= CHECK_SECONDS:
                    checked = time.monotonic()
                    if not await off_the_loop(self.is_allowed):
                        return
                yield ": still here\n\n" if count == seen else _changed(count)
                seen = count

    def is_allowed(self) -> bool:
        """Whether the session is still this person's, and the membership still exists."""
        engine = import_module(settings.SESSION_ENGINE)
        request = HttpRequest()
        request.session = engine.SessionStore(self.session_key)
        user = auth.get_user(request)
        if not user.is_authenticated or str(user.pk) != self.user_id:
            return False
        return actors.membership_of(self.user_id, self.workspace_id) is not None


class Watch:
    """The change counter of one workspace, polled while anyone listens."""

    def __init__(self, workspace_id: str) -> None:
        self.workspace_id = workspace_id
        self.count = 0
        self.listeners = 0
        self._grown = asyncio.Condition()

    async def poll(self) -> None:
        """Read the change counter each second; an unavailable database is tried again."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                count = await self.read()
            except DatabaseError:
                log.warning("live.counter_unread", workspace_id=self.workspace_id)
                continue
            async with self._grown:
                if count != self.count:
                    self.count = count
                    self._grown.notify_all()

    async def read(self) -> int:
        """The current change counter in the database."""
        return await off_the_loop(audit.changes_of, self.workspace_id)

    async def after(self, seen: int, seconds: float) -> int:
        """The first count other than `seen`, or `seen` when none came within `seconds`."""
        async with self._grown:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._grown.wait_for(lambda: self.count != seen), seconds)
            return self.count


_watches: dict[tuple[int, str], tuple[Watch, "asyncio.Task[None]"]] = {}


@asynccontextmanager
async def watching(workspace_id: str) -> AsyncIterator[Watch]:
    """The watch of a workspace in this process, shared; the last to leave stops its polling."""
    key = (id(asyncio.get_running_loop()), workspace_id)
    if key not in _watches:
        fresh = Watch(workspace_id)
        fresh.count = await fresh.read()
        if key not in _watches:  # another page may have come while this one read
            _watches[key] = (fresh, asyncio.create_task(fresh.poll()))
    watch, task = _watches[key]
    watch.listeners += 1
    try:
        yield watch
    finally:
        watch.listeners -= 1
        if not watch.listeners:
            del _watches[key]
            task.cancel()


def _changed(count: int) -> str:
    return f"id: {count}\nevent: changed\ndata:\n\n"
