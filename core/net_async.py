"""Outbound connections of the official MCP client, which uses httpx2 (security-1).

    async with net_async.client(headers={...}) as http:
        streamable_http_client(url, http_client=http)

A name is resolved once and the connection uses the checked address. The deadline and the size cap
cover the whole client, server-sent events included, so a slow response ends too.
"""

import time
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from typing import Any, cast

import anyio
import anyio.to_thread
import httpcore2
import httpx
import httpx2

from core.net import CONNECT_SECONDS, Trust, refuse_plain, resolve

TOTAL_SECONDS = 30.0
MAX_BYTES = 2_097_152


def client(
    *,
    trust: Trust | str = Trust.USER,
    headers: Mapping[str, str] | None = None,
    total_seconds: float = TOTAL_SECONDS,
    max_bytes: int = MAX_BYTES,
) -> httpx2.AsyncClient:
    """An asynchronous HTTP client; it ignores redirects and proxy settings."""
    return httpx2.AsyncClient(
        transport=_Transport(trust, total_seconds, max_bytes),
        headers=dict(headers or {}),
        follow_redirects=False,
        trust_env=False,
        timeout=total_seconds,
    )


class _Transport(httpx2.AsyncBaseTransport):
    """Raises httpx2's own errors, which the MCP client knows, and ValidationFailed as core.net."""

    def __init__(self, trust: Trust | str, total_seconds: float, max_bytes: int) -> None:
        self._trust = trust
        self._left = max_bytes
        network = _PinnedNetwork(trust, time.monotonic() + total_seconds)
        context = httpx.create_ssl_context(trust_env=False)
        self._pool = httpcore2.AsyncConnectionPool(ssl_context=context, network_backend=network)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request; its answer may be a stream."""
        url = request.url
        refuse_plain(url.scheme, url.host, url.port, self._trust)
        request.headers["Accept-Encoding"] = "identity"
        outgoing = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=cast("AsyncIterable[bytes]", request.stream),
            extensions={"timeout": {"connect": CONNECT_SECONDS}},
        )
        try:
            answer = await self._pool.handle_async_request(outgoing)
        except (
            httpcore2.TimeoutException,
            httpcore2.NetworkError,
            httpcore2.ProtocolError,
        ) as error:
            raise httpx2.ConnectError("The server did not answer.") from error
        return httpx2.Response(
            answer.status, headers=answer.headers, stream=_Counted(self, answer), request=request
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    def took(self, number: int) -> None:
        """Count response bytes; raises ReadError past the cap."""
        self._left -= number
        if self._left < 0:
            raise httpx2.ReadError("The server's response is too long.")


class _Counted(httpx2.AsyncByteStream):
    """A response body, counted as it arrives."""

    def __init__(self, transport: _Transport, answer: httpcore2.Response) -> None:
        self._transport = transport
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._answer.aiter_stream():
                self._transport.took(len(part))
                yield part
        except (
            httpcore2.TimeoutException,
            httpcore2.NetworkError,
            httpcore2.ProtocolError,
        ) as error:
            raise httpx2.ReadError("The server closed the connection.") from error

    async def aclose(self) -> None:
        await self._answer.aclose()


class _PinnedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to checked addresses; TLS still verifies the name."""

    def __init__(self, trust: Trust | str, ends: float) -> None:
        self._trust = trust
        self._ends = ends
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        def judged() -> list[Any]:
            return list(resolve(host, port, trust=self._trust))

        error: Exception = httpcore2.ConnectError("no address")
        for address in await anyio.to_thread.run_sync(judged):
            wait = _left(self._ends, timeout)
            try:
                stream = await self._inner.connect_tcp(address.ip, port, wait, None, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as refused:
                error = refused
                continue
            return _TimedStream(stream, self._ends)
        raise error

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class _TimedStream(httpcore2.AsyncNetworkStream):
    """A stream whose every step ends at the deadline."""

    def __init__(self, inner: httpcore2.AsyncNetworkStream, ends: float) -> None:
        self._inner = inner
        self._ends = ends

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._inner.read(max_bytes, _left(self._ends, timeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._inner.write(buffer, _left(self._ends, timeout))

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.AsyncNetworkStream:
        wait = _left(self._ends, timeout)
        inner = await self._inner.start_tls(ssl_context, server_hostname, wait)
        return _TimedStream(inner, self._ends)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(ends: float, timeout: float | None) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the whole exchange took too long")
    return left if timeout is None else min(left, timeout)
