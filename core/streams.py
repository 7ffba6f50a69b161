"""Streaming responses: parts are sent as they are written, never held whole."""

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, StreamingHttpResponse

Parameters = ParamSpec("Parameters")
Found = TypeVar("Found")


async def off_the_loop(
    function: Callable[Parameters, Found], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Found:
    """Run in a thread, then release thread and database connection: for polling."""

    def run() -> Found:
        try:
            return function(*args, **kwargs)
        finally:
            connections.close_all()

    return await sync_to_async(run, thread_sensitive=False)()


def download(
    request: HttpRequest, parts: Iterator[str], *, name: str, content_type: str
) -> StreamingHttpResponse:
    """A file generated while it is sent. `parts` may read the database, one part at a time.

    Under ASGI Django would collect a plain iterator whole before the first byte leaves.
    """
    is_async = isinstance(request, ASGIRequest)
    answer = StreamingHttpResponse(
        _one_by_one(parts) if is_async else parts, content_type=content_type
    )
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


async def _one_by_one(parts: Iterator[str]) -> AsyncIterator[str]:
    ask: Callable[[], str | None] = partial(next, parts, None)
    while True:
        part = await sync_to_async(ask)()
        if part is None:
            return
        yield part
