"""An assistant: the official SDK's client, connected by the whole OAuth dance over HTTP."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)

from tests.e2e.people import Person

Mode = Literal["legacy", "auto", "2026-07-28"]
Answer = TypeVar("Answer")
Told = tuple[float, float | None, str | None]
CALLBACK = "http://127.0.0.1:33418/callback"


class _Memory:
    """The client's storage of tokens and its registration."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Assistant:
    """One connected app of one person; each `call` is a connection of its own."""

    def __init__(
        self, url: str, person: Person, *, mode: Mode = "auto", tick: tuple[str, ...] = ()
    ) -> None:
        self.url = url
        self.mode = mode
        self.memory = _Memory()
        self._person = person
        self._tick = tick
        self._sent_to = ""

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool; returns its structured content. Fails the test on an error result."""
        result = self._session(lambda client: client.call_tool(tool, arguments))
        assert not result.is_error, result.structured_content
        content: dict[str, Any] = result.structured_content or {}
        assert json.loads(result.content[0].text) == content  # type: ignore[union-attr]
        return content

    def follow(self, told: list[Told], tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool and add its progress to `told` as it comes; the answer."""

        async def hear(progress: float, total: float | None, message: str | None) -> None:
            told.append((progress, total, message))

        result = self._session(
            lambda client: client.call_tool(tool, arguments, progress_callback=hear)
        )
        assert not result.is_error, result.structured_content
        return result.structured_content or {}

    def refused(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool that must refuse; returns its error object."""
        result = self._session(lambda client: client.call_tool(tool, arguments))
        assert result.is_error, result.structured_content
        error: dict[str, Any] = (result.structured_content or {})["error"]
        return error

    def tools(self) -> list[str]:
        """The names tools/list offers."""
        return [tool.name for tool in self._session(lambda c: c.list_tools()).tools]

    def _session(self, use: Callable[[Client], Awaitable[Answer]]) -> Answer:
        # In a thread of its own: a test with a browser has a loop running already.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: asyncio.run(self._in_session(use))).result()

    async def _in_session(self, use: Callable[[Client], Awaitable[Answer]]) -> Answer:
        async with httpx2.AsyncClient(auth=self._provider(), timeout=120) as http:
            transport = streamable_http_client(self.url, http_client=http)
            async with Client(transport, mode=self.mode) as client:
                return await use(client)

    def _provider(self) -> OAuthClientProvider:
        metadata = OAuthClientMetadata(
            client_name="Test assistant",
            redirect_uris=[CALLBACK],  # type: ignore[list-item]
            grant_types=["authorization_code", "refresh_token"],
            response_types=["code"],
            token_endpoint_auth_method="none",
        )
        return OAuthClientProvider(
            self.url, metadata, self.memory, self._show_to_person, self._callback
        )

    async def _show_to_person(self, url: str) -> None:
        self._sent_to = await asyncio.to_thread(self._person.connect, url, tick=self._tick)

    async def _callback(self) -> AuthorizationCodeResult:
        query = parse_qs(urlsplit(self._sent_to).query)
        return AuthorizationCodeResult(
            code=query["code"][0],
            state=query.get("state", [None])[0],
            iss=query.get("iss", [None])[0],
        )
