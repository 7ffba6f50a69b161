"""Token limits of answers: an answer is whole or says what it omits.

A token is taken for four bytes of UTF-8, which also holds for scripts with many bytes per
character.
"""

import json
from typing import Any

from approvals.models import Action

# A card longer than this is neither shown nor approved by tool (protocol-8).
LONG_CARD_TOKENS = 4_000
LIST_PARAMS_TOKENS = 150
ANSWER_TOKENS = 7_000
_TEXT_SHOWN = 300


def tokens(value: Any) -> int:
    """The approximate number of tokens of the value as compact JSON; at least 1."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return len(written.encode("utf-8", "replace")) // 4 + 1


def is_too_long(action: Action) -> bool:
    """Whether the text a person must read is too long for a tool's answer."""
    message = action.rendered or {}
    preview = action.drafted_on.get("preview", {})
    read = [message.get("text", ""), preview.get("changes", []), action.red_reasons]
    return tokens(read) > LONG_CARD_TOKENS


def cut_params(
    params: dict[str, Any], room: int = LIST_PARAMS_TOKENS
) -> tuple[dict[str, Any], bool]:
    """The params within `room` tokens, and whether anything was left out."""
    if tokens(params) <= room:
        return params, False
    kept: dict[str, Any] = {}
    for key, value in params.items():
        short = _shortened(value, room - tokens(kept))
        if tokens({**kept, key: short}) <= room:
            kept[key] = short
    return kept, True


def _shortened(value: Any, room: int) -> Any:
    if isinstance(value, dict):
        return cut_params(value, room - 4)[0]
    if isinstance(value, str) and len(value) > _TEXT_SHOWN:
        return value[: _TEXT_SHOWN - 1] + "…"
    return value
