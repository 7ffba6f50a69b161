"""The one module that touches the MCP SDK's internals (pinned below its next minor version).

It serves each request with a separate object: the version is read from the request, the handlers
get the actor from the request's context, and only the bytes of tools/list are kept between
requests. Importing it takes seconds, so only the view does, lazily.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import anyio
from asgiref.sync import sync_to_async
from django.conf import settings
from mcp.server.caching import CacheHint
from mcp.server.connection import Connection
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.runner import modern_error_data, serve_one
from mcp.shared.dispatcher import CallOptions
from mcp.shared.exceptions import MCPError, NoBackChannelError
from mcp.shared.inbound import (
    ERROR_CODE_HTTP_STATUS,
    MCP_NAME_HEADER,
    InboundLadderRejection,
    classify_inbound_request,
    decode_header_value,
    unsupported_protocol_version_rejection,
)
from mcp.shared.message import ServerMessageMetadata
from mcp.shared.transport_context import TransportContext
from mcp_types import (
    HEADER_MISMATCH,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    PROTOCOL_VERSION_META_KEY,
    CallToolRequestParams,
    ErrorData,
    ListToolsResult,
    PaginatedRequestParams,
    RequestParams,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS
from pydantic import Field

from core.actor import Actor
from core.errors import AppError, InsufficientScope, ValidationFailed
from pathbound_mcp.protocol import progress, server_info, tasks, tool_calls
from pathbound_mcp.protocol.messages import INVALID_REQUEST, Kind, Message, RequestId
from tools import catalog
from tools.base import Tool

VERSION_HEADER = "mcp-protocol-version"
ASSUMED_VERSION = "2025-03-26"  # MCP transports: the meaning of a missing header
LIST_TTL_MS = 60_000
_MAX_KEPT_LISTS = 256


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP status and a JSON body; an empty body is an acknowledgement."""

    status: int
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Era:
    """How a request is served: its version and the client's info."""

    version: str
    client_info: Any = None
    client_capabilities: Any = None

    @property
    def takes_tasks(self) -> bool:
        """Whether this very request declares the Tasks extension."""
        return self.is_modern and tasks.is_declared(self.client_capabilities)

    @property
    def elicits(self) -> frozenset[str]:
        """The client's elicitation modes."""
        return tasks.modes_of(self.client_capabilities)

    @property
    def is_modern(self) -> bool:
        """Whether the version carries its metadata in each request."""
        return self.version in MODERN_PROTOCOL_VERSIONS


@dataclass(frozen=True, slots=True)
class Stream:
    """Sends notifications before a reply, if the client requested progress.

    `send` sends a whole message; `renew` authenticates the caller again, or raises ConnectionEnded.
    """

    send: Callable[[bytes], None]
    renew: progress.Renew


@dataclass(frozen=True, slots=True)
class _Caller:
    """The caller, the client's capabilities, and the stream before the reply, if any."""

    actor: Actor
    era: Era
    stream: Stream | None


@dataclass(slots=True)
class _Exchange:
    """The SDK's DispatchContext for one request: the client can be notified, but not called."""

    transport: TransportContext
    request_id: RequestId
    message_metadata: ServerMessageMetadata
    progress_token: RequestId | None
    stream: Stream | None
    cancel_requested: anyio.Event = field(default_factory=anyio.Event)
    can_send_request: bool = field(default=False, init=False)

    async def send_raw_request(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None
    ) -> dict[str, Any]:
        raise NoBackChannelError(method)

    async def notify(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None
    ) -> None:
        """Send a notification before the reply; it is dropped without a stream."""
        if self.stream is not None:
            self.stream.send(_dumped({"jsonrpc": "2.0", "method": method, "params": params}))

    async def progress(
        self, progress: float, total: float | None = None, message: str | None = None
    ) -> None:
        """As notify, under the client's token."""
        stated = {"progressToken": self.progress_token, "progress": progress}
        more = {"total": total, "message": message}
        given = {name: value for name, value in more.items() if value is not None}
        await self.notify("notifications/progress", {**stated, **given})


async def answer(
    actor: Actor, message: Message, headers: Mapping[str, str], stream: Stream | None = None
) -> Reply:
    """The reply to one message; `headers` have lower-case names.

    Raises InsufficientScope: the transport answers it with a challenge.
    """
    era = route(message, headers)
    if isinstance(era, InboundLadderRejection):
        return _error(message.request_id, _as_error(era), modern=True)
    if message.kind is Kind.NOTIFICATION:
        return Reply(202)
    if message.kind is Kind.RESPONSE:
        return _refused_response() if era.is_modern else Reply(202)
    try:
        result = await _result(actor, message, era, stream)
        return Reply(200, _envelope(message.request_id, result))
    except InsufficientScope:
        raise
    except Exception as error:  # noqa: BLE001 - the SDK's own edge: it decides what a client reads
        return _error(message.request_id, modern_error_data(error), modern=era.is_modern)


def route(message: Message, headers: Mapping[str, str]) -> Era | InboundLadderRejection:
    """The era of a message, by its header first; without one by its body."""
    version = _stated_version(headers)
    has_envelope = PROTOCOL_VERSION_META_KEY in message.meta
    if version in HANDSHAKE_PROTOCOL_VERSIONS:
        return Era(version)
    if version is None and not has_envelope:
        return Era(ASSUMED_VERSION)
    if message.kind is Kind.REQUEST and (has_envelope or version in MODERN_PROTOCOL_VERSIONS):
        return _modern(message, headers)
    if version is None:
        return Era(ASSUMED_VERSION)
    return unsupported_protocol_version_rejection(version) or Era(version)


def _modern(message: Message, headers: Mapping[str, str]) -> Era | InboundLadderRejection:
    body = {"method": message.method, "params": message.params}
    found = classify_inbound_request(body, headers=headers)
    if isinstance(found, InboundLadderRejection):
        return found
    if message.method in tasks.METHODS and not _names_its_task(message, headers):
        return InboundLadderRejection(
            code=HEADER_MISMATCH, message="Mcp-Name must be the task's id.", data=None
        )
    return Era(found.protocol_version, found.client_info, found.client_capabilities)


def _names_its_task(message: Message, headers: Mapping[str, str]) -> bool:
    """The extension mirrors taskId in Mcp-Name, which the SDK does not check for it."""
    stated = decode_header_value(headers.get(MCP_NAME_HEADER))
    return stated == (message.params or {}).get("taskId")


def _stated_version(headers: Mapping[str, str]) -> str | None:
    """The version header; proxies and clients in the field repeat an old one ("a, a")."""
    stated = headers.get(VERSION_HEADER)
    if stated is None:
        return None
    parts = {part.strip() for part in stated.split(",")}
    if len(parts) == 1 and parts <= set(HANDSHAKE_PROTOCOL_VERSIONS):
        return parts.pop()
    return stated


_kept_lists: dict[tuple[str, tuple[str, ...]], bytes] = {}


async def _result(actor: Actor, message: Message, era: Era, stream: Stream | None) -> bytes:
    if message.method != "tools/list" or set(message.params or {}) - {"_meta"}:
        return _dumped(await _served(actor, message, era, stream))
    key = (era.version, tuple(tool.name for tool in catalog.visible_to(actor)))
    if key not in _kept_lists:
        if len(_kept_lists) >= _MAX_KEPT_LISTS:
            _kept_lists.clear()
        _kept_lists[key] = _dumped(await _served(actor, message, era, stream))
    return _kept_lists[key]


async def _served(
    actor: Actor, message: Message, era: Era, stream: Stream | None
) -> dict[str, Any]:
    caller = _Caller(actor, era, stream)
    exchange = _Exchange(
        transport=TransportContext(kind="streamable-http", can_send_request=False),
        request_id=message.request_id or 0,
        message_metadata=ServerMessageMetadata(request_context=caller),
        progress_token=message.progress_token,
        stream=stream,
    )
    connection = Connection.from_envelope(era.version, era.client_info, era.client_capabilities)
    return await serve_one(
        SERVER, exchange, message.method, message.params, connection=connection, lifespan_state={}
    )


async def _list_tools(
    context: ServerRequestContext[Any, Any], params: PaginatedRequestParams | None
) -> ListToolsResult:
    if params is not None and params.cursor is not None:
        raise MCPError(
            code=INVALID_PARAMS, message="The list has a single page and accepts no cursor."
        )
    tools = [tool.definition for tool in catalog.visible_to(_actor(context))]
    return ListToolsResult.model_validate({"tools": tools})


async def _call_tool(context: ServerRequestContext[Any, Any], params: CallToolRequestParams) -> Any:
    actor = _actor(context)
    tool = catalog.find(actor, params.name)
    if tool is None:
        raise MCPError(code=INVALID_PARAMS, message="Unknown tool; tools/list returns all tools.")
    arguments = params.arguments or {}
    done = await sync_to_async(tool_calls.run)(actor, tool, arguments)
    caller = _caller(context)
    if caller.stream is not None:
        done = await _followed(context, tool, arguments, done, caller.stream.renew)
    if not caller.era.takes_tasks:
        return done.as_result()
    return await sync_to_async(tasks.started_by)(actor, tool, done) or done.as_result()


async def _followed(
    context: ServerRequestContext[Any, Any],
    tool: Tool,
    arguments: dict[str, Any],
    first: tool_calls.Answer,
    renew: progress.Renew,
) -> tool_calls.Answer:
    tell = context.session.report_progress
    try:
        return await progress.follow(
            _actor(context), tool, arguments, first, tell=tell, renew=renew
        )
    except progress.ConnectionEnded as ended:
        raise MCPError(code=INVALID_REQUEST, message=str(ended)) from ended


class _TaskParams(RequestParams):
    task_id: str = Field(alias="taskId")


class _UpdateParams(_TaskParams):
    """The task, and the responses to its requests, by key."""

    input_responses: dict[str, dict[str, Any]] = Field(alias="inputResponses")


async def _get_task(context: ServerRequestContext[Any, Any], params: _TaskParams) -> Any:
    return await _of_task(context, tasks.get, params.task_id, _caller(context).era.elicits)


async def _update_task(context: ServerRequestContext[Any, Any], params: _UpdateParams) -> Any:
    modes = _caller(context).era.elicits
    return await _of_task(context, tasks.update, params.task_id, modes, params.input_responses)


async def _cancel_task(context: ServerRequestContext[Any, Any], params: _TaskParams) -> Any:
    return await _of_task(context, tasks.cancel, params.task_id)


async def _of_task(
    context: ServerRequestContext[Any, Any], deed: Callable[..., dict[str, Any]], *given: Any
) -> dict[str, Any]:
    """Raises InsufficientScope, which is an HTTP 403, and MCPError for every other refusal."""
    era = _caller(context).era
    if not era.is_modern:
        raise MCPError(
            code=METHOD_NOT_FOUND, message="This protocol version does not support tasks."
        )
    if not era.takes_tasks:
        raise MCPError(
            code=MISSING_REQUIRED_CLIENT_CAPABILITY,
            message="This request does not declare the tasks extension.",
            data={"requiredCapabilities": {"extensions": {tasks.EXTENSION: {}}}},
        )
    try:
        return await sync_to_async(deed)(_actor(context), *given)
    except tasks.NoSuchTask as missing:
        raise MCPError(code=INVALID_PARAMS, message=str(missing)) from missing
    except InsufficientScope:
        raise
    except AppError as refusal:
        code = INVALID_PARAMS if isinstance(refusal, ValidationFailed) else INTERNAL_ERROR
        raise MCPError(code=code, message=refusal.message, data=refusal.as_dict()) from refusal


def _actor(context: ServerRequestContext[Any, Any]) -> Actor:
    return _caller(context).actor


def _caller(context: ServerRequestContext[Any, Any]) -> _Caller:
    return cast("_Caller", context.request)


_PRIVATE = CacheHint(ttl_ms=LIST_TTL_MS, scope="private")
SERVER: Server[Any] = Server(
    server_info.NAME,
    version=settings.VERSION,
    title=server_info.TITLE,
    instructions=server_info.INSTRUCTIONS,
    cache_hints={"tools/list": _PRIVATE, "server/discover": _PRIVATE},
    on_list_tools=_list_tools,
    on_call_tool=_call_tool,
)
SERVER.extensions[tasks.EXTENSION] = {}
SERVER.add_request_handler("tasks/get", _TaskParams, _get_task)
SERVER.add_request_handler("tasks/update", _UpdateParams, _update_task)
SERVER.add_request_handler("tasks/cancel", _TaskParams, _cancel_task)


def _dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _envelope(request_id: RequestId | None, result: bytes) -> bytes:
    return b'{"jsonrpc":"2.0","id":' + _dumped(request_id) + b',"result":' + result + b"}"


def _as_error(rejection: InboundLadderRejection) -> ErrorData:
    return ErrorData(code=rejection.code, message=rejection.message, data=rejection.data)


def _error(request_id: RequestId | None, error: ErrorData, *, modern: bool) -> Reply:
    status = ERROR_CODE_HTTP_STATUS.get(error.code, 200) if modern else 200
    fault = error.model_dump(mode="json", exclude_none=True)
    return Reply(status, _dumped({"jsonrpc": "2.0", "id": request_id, "error": fault}))


def _refused_response() -> Reply:
    error = ErrorData(code=INVALID_REQUEST, message="This server sends no requests to clients.")
    return _error(None, error, modern=True)
