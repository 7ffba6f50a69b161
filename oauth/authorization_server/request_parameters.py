"""Parameters of the OAuth endpoints, parsed strictly before any other code reads them.

NUL, invalid UTF-8, repeated or overlong parameters are refused here as invalid_request: later they
would cause a database error (RFC 6749 3.1: parameters must not be included more than once).
"""

import re
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict

from oauth import redirects, resources

MAX_BODY_BYTES = 64 * 1024
MAX_QUERY_BYTES = 8 * 1024
MAX_PARAMETERS = 40
DEFAULT_MAX_LENGTH = 2048

MAX_LENGTHS = {
    "client_id": 255,
    "redirect_uri": redirects.MAX_URI_LENGTH,
    "scope": 1024,
    "code": 255,
    "token": 255,
    "refresh_token": 255,
    "resource": resources.MAX_LENGTH,
}
_PKCE = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636 4.1, 4.2
_PROTOCOL_REPEATS = frozenset({"resource"})  # RFC 8707 2
_MAX_REPEATS = 40


class BadInput(Exception):
    """The request cannot be parsed; the text is ours and may be shown."""

    def __init__(self, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.description = description
        self.status = status


def from_query(request: HttpRequest) -> MultiValueDict[str, str]:
    """The query's parameters; raises BadInput."""
    query = request.META.get("QUERY_STRING", "")
    if len(query) > MAX_QUERY_BYTES:
        raise BadInput("The URL is too long.", 414)
    _check_utf8(query.encode("latin-1", "replace"))
    return _checked(request.GET, _PROTOCOL_REPEATS)


def from_body(
    request: HttpRequest, repeatable: frozenset[str] = _PROTOCOL_REPEATS
) -> MultiValueDict[str, str]:
    """The form's parameters, of which `repeatable` may come more than once; raises BadInput."""
    if request.META.get("QUERY_STRING"):
        raise BadInput("Send the parameters in the body, not in the URL.")
    body = raw_body(request, MAX_BODY_BYTES)
    if request.content_type != "application/x-www-form-urlencoded":
        raise BadInput("Send the parameters as application/x-www-form-urlencoded.")
    _check_utf8(body)
    return _checked(request.POST, repeatable)


def raw_body(request: HttpRequest, limit: int) -> bytes:
    """The body of at most `limit` bytes; raises BadInput with 413."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if not declared.isascii() or not declared.isdigit() or int(declared) > limit:
        raise BadInput(f"The body is longer than {limit} bytes.", 413)
    if len(request.body) > limit:
        raise BadInput(f"The body is longer than {limit} bytes.", 413)
    return request.body


def check_pkce(value: str | None) -> None:
    """Raise BadInput unless it has the form of a PKCE challenge or verifier."""
    if not _PKCE.fullmatch(value or ""):
        raise BadInput("A PKCE value has 43 to 128 letters, digits, '-', '.', '_' or '~'.")


def _check_utf8(raw: bytes) -> None:
    try:
        text = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput("The parameters are not valid UTF-8.") from error
    if any(letter < " " or letter == "\x7f" for letter in text):
        raise BadInput("A parameter contains a control character.")


def _checked(
    parameters: MultiValueDict[str, str], repeatable: frozenset[str]
) -> MultiValueDict[str, str]:
    if len(parameters) > MAX_PARAMETERS:
        raise BadInput("There are too many parameters.")
    for name, values in parameters.lists():
        if len(values) > (_MAX_REPEATS if name in repeatable else 1):
            raise BadInput("A parameter is repeated.")
        longest = MAX_LENGTHS.get(name, DEFAULT_MAX_LENGTH)
        if len(name) > 64 or any(len(value) > longest for value in values):
            raise BadInput("A parameter is too long.")
    return parameters
