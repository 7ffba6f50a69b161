"""How much an answer holds: it is whole, or says what it left out and how to get it.

A default answer stays below 8,000 tokens and any answer below 20,000, a token being four
characters; the rooms here leave some for what stands around the rows.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

Row = TypeVar("Row", bound=BaseModel)

DEFAULT_ROOM = 29_000
MOST_ROOM = 72_000
# A list of long rows is cut to this; whoever asks for one row gets it longer.
SHOWN = 200


def room_for(limit: int, default: int) -> int:
    """The characters an answer with this limit may hold."""
    return DEFAULT_ROOM if limit <= default else MOST_ROOM


def rows_that_fit(rows: Iterable[Row], room: int) -> tuple[list[Row], int]:
    """The first rows that fit in so many characters of JSON, and how many are left out."""
    found = list(rows)
    for place, row in enumerate(found):
        room -= len(row.model_dump_json(exclude_none=True, by_alias=True)) + 1
        if room < 0:
            return found[:place], len(found) - place
    return found, 0


def shorten(text: str, longest: int = SHOWN) -> str:
    """The text, its end replaced by an ellipsis where it is longer."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def cut_to(text: str, room: int) -> str:
    """The same by the characters it takes in JSON, where a line break is two."""
    text = shorten(text, max(1, room))
    while (size := _size(text)) > room:
        text = shorten(text, max(1, len(text) * room // size - 1))
    return text


def properties_within(given: Mapping[str, Any], room: int) -> tuple[dict[str, Any], int]:
    """Properties in so many characters: all, or the first with long texts cut; and how many not."""
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
