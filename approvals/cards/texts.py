"""Renders text safely: invisible characters are named, link targets are highlighted."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from core import domains

NO_HOST = "not a valid name"
_URL = re.compile(r"https?://[^\s<>\"'`]+", re.IGNORECASE)
# Characters that fonts draw as nothing although Unicode classes them as letters or symbols.
_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u034f")
_VISIBLE_SPACES = frozenset("\n\t ")
_JOINER, _EMOJI_STYLE = "\u200d", "\ufe0f"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: `kind` is plain, url or hidden; a hidden one has the character's `name`."""

    kind: str
    text: str
    name: str = ""


def split_pieces(text: str) -> list[Piece]:
    """The text in order, split at hidden characters and URLs; nothing is omitted."""
    found: list[Piece] = []
    run: list[str] = []
    for index, letter in enumerate(text):
        if not is_hidden(letter) or _joins_emoji(text, index):
            run.append(letter)
            continue
        found += _with_urls("".join(run))
        run = []
        found.append(Piece("hidden", letter, f"U+{ord(letter):04X} {_name(letter)}"))
    return found + list(_with_urls("".join(run)))


def is_hidden(letter: str) -> bool:
    """Whether this character is invisible or reorders the text around it."""
    if letter in _VISIBLE_SPACES or letter == _EMOJI_STYLE:
        return False
    category = unicodedata.category(letter)
    is_selector = "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
    return category in {"Cf", "Cc", "Co", "Cn", "Cs", "Zl", "Zp"} or letter in _BLANK or is_selector


def ascii_host(url: str) -> str:
    """The host as browsers request it if it differs from the shown one, else ""."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return NO_HOST
    return "" if host.isascii() else domains.ascii_form(host) or NO_HOST


def _joins_emoji(text: str, index: int) -> bool:
    if text[index] != _JOINER or index == 0:
        return False
    before = text[index - 1]
    return before == _EMOJI_STYLE or unicodedata.category(before) in {"So", "Sk"}


def _name(letter: str) -> str:
    return unicodedata.name(letter, "control").lower()


def _with_urls(run: str) -> Iterator[Piece]:
    end = 0
    for match in _URL.finditer(run):
        if match.start() > end:
            yield Piece("plain", run[end : match.start()])
        yield Piece("url", match.group())
        end = match.end()
    if end < len(run):
        yield Piece("plain", run[end:])
