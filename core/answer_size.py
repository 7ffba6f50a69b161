"""Size limits of answers: an answer is whole, or says what is omitted and how to get it.

A default answer stays below 8,000 tokens and any answer below 20,000, a token being four
characters; the limits here leave room for the text around the rows.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

Row = TypeVar("Row", bound=BaseModel)

DEFAULT_ROOM = 29_000
MOST_ROOM = 72_000
# Long rows in lists are cut to this; a single row may be longer.
SHOWN = 200


def room_for(limit: int, default: int) -> int:
    """The characters that an answer with this limit may contain."""
    return DEFAULT_ROOM if limit <= default else MOST_ROOM


def rows_that_fit(rows: Iterable[Row], room: int) -> tuple[list[Row], int]:
    """The first rows that fit in this many characters of JSON, and how many are omitted."""
    found = list(rows)
    for place, row in enumerate(found):
        room -= len(row.model_dump_json(exclude_none=True, by_alias=True)) + 1
        if room < 0:
            return found[:place], len(found) - place
    return found, 0


def shorten(text: str, longest: int = SHOWN) -> str:
    """The text, truncated with an ellipsis if it is longer."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def cut_to(text: str, room: int) -> str:
    """Like `cut`, by its length in JSON, where a line break is two characters."""
    text = shorten(text, max(1, room))
    while (size := _size(text)) > room:
        text = shorten(text, max(1, len(text) * room // size - 1))
    return text


def properties_within(given: Mapping[str, Any], room: int) -> tuple[dict[str, Any], int]:
    """Properties within this many characters, long texts cut; and the number omitted."""
    least = sum(len(value) for value in given.values() if isinstance(value, str))
    if least <= room and _size(given) <= room:
        return dict(given), 0
    kept: dict[str, Any] = {}
    longest = room // 20
    for key, value in given.items():
        short = cut_to(value, longest) if isinstance(value, str) else value
        if (size := _size({key: short})) <= room:
            kept[key] = short
            room -= size
    changed = sum(kept.get(key) != value for key, value in given.items())
    return kept, changed


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
