"""JSON-RPC 2.0 messages as MCP allows them on HTTP: one object a body, never a batch."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core import strict_json
from core.errors import ValidationFailed

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
INTERNAL_ERROR = -32603

RequestId = str | int


class Kind(StrEnum):
    """The messages a client may post."""

    REQUEST = "request"
    NOTIFICATION = "notification"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `request_id` is set for requests, `method` for all but responses."""

    kind: Kind
    method: str = ""
    params: dict[str, Any] | None = None
    request_id: RequestId | None = None

    @property
    def meta(self) -> dict[str, Any]:
        """`params._meta`, or an empty object."""
        found = (self.params or {}).get("_meta")
        return found if isinstance(found, dict) else {}

    @property
    def progress_token(self) -> RequestId | None:
        """The progress token of this request; None if the client wants no progress."""
        found = self.meta.get("progressToken")
        return found if _is_id(found) else None


class MessageError(Exception):
    """The body is not a valid message; `code` is the JSON-RPC code, the text is ours."""

    def __init__(self, code: int, message: str, request_id: RequestId | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.request_id = request_id


def parse(body: bytes) -> Message:
    """The message in a body; raises MessageError (JSON-RPC 2.0 5.1)."""
    try:
        value = strict_json.loads(body)
    except ValidationFailed as error:
        raise MessageError(PARSE_ERROR, error.message) from error
    if isinstance(value, list):
        raise MessageError(
            INVALID_REQUEST, "Batches are not accepted; send one message per request."
        )
    if not isinstance(value, dict) or value.get("jsonrpc") != "2.0":
        raise MessageError(INVALID_REQUEST, "The body is not a JSON-RPC 2.0 message.")
    return _response(value) if "method" not in value else _call(value)


def _response(value: dict[str, Any]) -> Message:
    if "result" not in value and "error" not in value:
        raise MessageError(INVALID_REQUEST, "The message has no method.")
    return Message(Kind.RESPONSE)


def _call(value: dict[str, Any]) -> Message:
    # JSON-RPC 2.0 4.1: the key's presence makes it a request; MCP allows no null as its value.
    request_id = value.get("id")
    if "id" in value and not _is_id(request_id):
        raise MessageError(INVALID_REQUEST, "The id must be a string or an integer.")
    method, params = value["method"], value.get("params")
    if not isinstance(method, str) or not method:
        raise MessageError(INVALID_REQUEST, "The method must be a name.", request_id)
    if params is not None and not isinstance(params, dict):
        raise MessageError(INVALID_REQUEST, "The params must be an object.", request_id)
    kind = Kind.REQUEST if "id" in value else Kind.NOTIFICATION
    return Message(kind, method, params, request_id)


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)
