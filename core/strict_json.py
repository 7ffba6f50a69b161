"""Strict parsing of JSON from outside.

Duplicate keys, NaN, numbers other parsers cannot represent, NUL, lone surrogates and deep nesting
are refused, so that the checked value is the stored value, on every database. Objects, arrays and
keys have generous size limits.
"""

import json
from typing import Any, NoReturn

from core.errors import ValidationFailed

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1
MAX_NUMBER_LENGTH = 20
MAX_KEYS = 200
MAX_KEY_LENGTH = 128
MAX_ITEMS = 1000


def loads(body: bytes | str) -> Any:
    """The value in `body`; raises ValidationFailed with a sentence about the error."""
    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
        value = json.loads(
            text,
            object_pairs_hook=_unique_keys,
            parse_int=_safe_int,
            parse_float=_safe_float,
            parse_constant=_no_constant,
        )
    except UnicodeDecodeError as error:
        raise ValidationFailed("The body is not valid UTF-8.") from error
    except RecursionError as error:
        raise ValidationFailed(f"The JSON is nested deeper than {MAX_DEPTH} levels.") from error
    except json.JSONDecodeError as error:
        raise ValidationFailed(
            f"The body is not valid JSON (line {error.lineno}, column {error.colno})."
        ) from error
    _inspect(value)
    return value


def is_storable(text: str) -> bool:
    """Whether both databases can store this text: no NUL, no lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValidationFailed("The JSON repeats a key in one object.")
    return result


def _safe_int(digits: str) -> int:
    if len(digits) > MAX_NUMBER_LENGTH or abs(int(digits)) > MAX_INTEGER:
        raise ValidationFailed("The JSON has a number outside -(2^53 - 1) to 2^53 - 1.")
    return int(digits)


def _safe_float(digits: str) -> float:
    number = float(digits)
    if number in {float("inf"), float("-inf")}:
        raise ValidationFailed("The JSON has a number that is too large.")
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValidationFailed(f"The JSON has {name}, which is not a JSON value.")


def _inspect(value: Any) -> None:
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise ValidationFailed(f"The JSON is nested deeper than {MAX_DEPTH} levels.")
        if isinstance(item, str) and not is_storable(item):
            raise ValidationFailed("The JSON has text with a NUL or a lone surrogate.")
        waiting.extend((part, depth + 1) for part in _parts(item))


def _parts(item: Any) -> list[Any]:
    if isinstance(item, dict):
        _check_keys(item)
        return [*item.keys(), *item.values()]
    if not isinstance(item, list):
        return []
    if len(item) > MAX_ITEMS:
        raise ValidationFailed(f"The JSON has an array of more than {MAX_ITEMS} items.")
    return item


def _check_keys(item: dict[str, Any]) -> None:
    if len(item) > MAX_KEYS:
        raise ValidationFailed(f"The JSON has an object of more than {MAX_KEYS} keys.")
    if any(len(key) > MAX_KEY_LENGTH for key in item):
        raise ValidationFailed(f"The JSON has a key of more than {MAX_KEY_LENGTH} characters.")
