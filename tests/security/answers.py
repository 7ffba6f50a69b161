"""External text in an answer: only in objects marked external, never in our sentences."""

from collections.abc import Iterator
from typing import Any

# Fields with our sentences, except params and properties of the same names; a refusal is ours
# entirely.
OURS = {
    *("why", "next", "error", "hint", "headline", "label", "notices", "red_reasons"),
    *("changed_since_draft", "asked_by", "on_behalf_of", "what", "who", "state", "paused"),
    *(
        "status_detail",
        "confirm_url",
        "review_url",
        "did_you_mean",
        "valid_values",
        "sender",
        "field",
    ),
}

THEIRS = {"params", "properties", "data"}


def stray(answer: Any, words: set[str]) -> list[str]:
    """The places where one of the words appears but must not."""
    return [
        f"{'.'.join(path)}: {text[:80]!r}"
        for path, text, is_marked in _texts(answer, (), is_marked=False)
        if any(word in text for word in words) and (not is_marked or _is_ours(path))
    ]


def _is_ours(path: tuple[str, ...]) -> bool:
    inside = next((n for n, name in enumerate(path) if name in THEIRS), len(path))
    return bool(set(path[:inside]) & OURS)


def _texts(
    node: Any, path: tuple[str, ...], *, is_marked: bool
) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    if isinstance(node, str):
        yield path, node, is_marked
    elif isinstance(node, list):
        for part in node:
            yield from _texts(part, path, is_marked=is_marked)
    elif isinstance(node, dict):
        inside = is_marked or node.get("source") == "external"
        for name, part in node.items():
            yield path, str(name), inside
            yield from _texts(part, (*path, str(name)), is_marked=inside)
