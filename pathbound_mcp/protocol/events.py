"""A reply as server-sent events: notifications during the call, then the reply itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

KIND = "text/event-stream"
HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
Send = Callable[[bytes], None]


def may_stream(request: HttpRequest) -> bool:
    """Whether the client accepts events, and the server can stream them (not WSGI)."""
    return isinstance(request, ASGIRequest) and KIND in _accepted(request)


def are_all_it_takes(request: HttpRequest) -> bool:
    """Whether the client accepts events but not JSON."""
    accept = _accepted(request)
    return KIND in accept and not any(
        kind in accept for kind in ("application/json", "application/*", "*/*")
    )


def plain_answer(answer: HttpResponse) -> HttpResponse:
    """A reply without notifications before it."""
    return HttpResponse(_event(answer.content), content_type=KIND, headers=HEADERS)


async def streamed_answer(work: Callable[[Send], Awaitable[HttpResponse]]) -> HttpResponseBase:
    """The reply of `work`; as a stream once it sends a message before its reply.

    The work is cancelled when the client disconnects.
    """
    said: asyncio.Queue[bytes | None] = asyncio.Queue()
    working = asyncio.create_task(_to_the_end(work, said))
    try:
        first = await said.get()
        if first is None:
            return await working
    except asyncio.CancelledError:
        working.cancel()
        raise
    return StreamingHttpResponse(_parts(first, said, working), content_type=KIND, headers=HEADERS)


async def _to_the_end(
    work: Callable[[Send], Awaitable[HttpResponse]], said: "asyncio.Queue[bytes | None]"
) -> HttpResponse:
    try:
        return await work(said.put_nowait)
    finally:
        said.put_nowait(None)


async def _parts(
    first: bytes, said: "asyncio.Queue[bytes | None]", working: "asyncio.Task[HttpResponse]"
) -> AsyncIterator[bytes]:
    try:
        message: bytes | None = first
        while message is not None:
            yield _event(message)
            message = await said.get()
        yield _event((await working).content)
    finally:
        working.cancel()


def _accepted(request: HttpRequest) -> str:
    return request.headers.get("Accept", "*/*")


def _event(body: bytes) -> bytes:
    return b"event: message\r\ndata: " + body + b"\r\n\r\n"
