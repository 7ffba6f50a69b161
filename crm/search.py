"""Search texts and search words: without accents, capitals and spelling variants.

`search_text` of a row is one line of words, a space before each: first what is written there, then
the same words spelled as people may type them (O'Brien: obrien, brien; Mueller: muller).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

MAX_WORDS = 8
SHORTEST_WITH_TYPO, LONGEST_WITH_TYPO = 5, 20

# Letters that Unicode does not decompose into a base letter and a mark.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_BETWEEN = re.compile(r"[\W_]+")
# Punctuation around words in a list, a sentence or a pasted address.
_AROUND = ",;:.!?()[]{}<>\"'“”„‘’«»-–—|/&·"
# ae, oe and ue where an umlaut may be meant: not at the end (Joe, Sue), and not after q (Queen).
_UMLAUT = re.compile(r"(?<!q)([aou])e(?=\w)")
_SHORTEST_UMLAUT = 4
# Shorter pieces (r&d) would match nearly everywhere.
_SHORTEST_PIECE = 3


@dataclass(frozen=True, slots=True)
class Word:
    """A search word.

    It matches where all texts of one of the `ways` do; `nearly` are LIKE patterns for prefixes with
    one typo, none for short words.
    """

    ways: tuple[tuple[str, ...], ...]
    nearly: tuple[str, ...]


def fold(*parts: str) -> str:
    """Text without capitals and accents, its words on one line with a space between."""
    joined = " ".join(unicodedata.normalize("NFKD", " ".join(parts)).split())
    plain = "".join(c for c in joined.casefold() if not unicodedata.combining(c))
    return plain.translate(_LETTERS)


def index_of(*parts: str) -> str:
    """The `search_text` of a row with these texts."""
    words = fold(*parts).split()
    also = [spelling for word in words for spelling in _spellings(word)]
    more = [word for word in dict.fromkeys(also) if word not in words]
    return "".join(f" {word}" for word in (*words, *more))


def words_of(text: str) -> list[Word]:
    """The words of a search text."""
    given = fold(text).split()
    # Punctuation alone is searched for only if there is nothing else.
    bare = [word.strip(_AROUND) for word in given]
    asked = [word for word in bare if word] or given
    return [_word(word) for word in asked[:MAX_WORDS]]


def _word(word: str) -> Word:
    ways: list[tuple[str, ...]] = [(word,)]
    pieces = _pieces(word)
    if "@" not in word and len(pieces) > 1:
        ways.append((f" {''.join(pieces)}",))
        if max(map(len, pieces)) >= _SHORTEST_PIECE:
            ways.append(tuple(f" {piece}" for piece in pieces))
    spelled = _UMLAUT.sub(r"\1", word)
    if "@" not in word and spelled != word and len(spelled) >= _SHORTEST_UMLAUT:
        ways.append((spelled,))
    can_have_typo = word.isalpha() and SHORTEST_WITH_TYPO <= len(word) <= LONGEST_WITH_TYPO
    nearly = tuple(dict.fromkeys(f"% {near}%" for near in _near(word))) if can_have_typo else ()
    return Word(ways=tuple(ways), nearly=nearly)


def _spellings(word: str) -> Iterator[str]:
    """How else the word may be typed: in pieces, without its signs, with an umlaut."""
    pieces = _pieces(word)
    if len(pieces) > 1:
        yield from pieces
        if "@" not in word:
            yield "".join(pieces)
    for piece in pieces:
        yield _UMLAUT.sub(r"\1", piece)


def _pieces(word: str) -> list[str]:
    return [piece for piece in _BETWEEN.split(word) if piece]


def _near(word: str) -> Iterator[str]:
    """Every spelling one typo away: a character replaced, inserted, deleted or two swapped."""
    for place in range(len(word)):
        before, letter, after = word[:place], word[place], word[place + 1 :]
        yield f"{before}_{after}"
        yield before + after
        yield f"{before}_{letter}{after}"
        if after:
            yield before + after[0] + letter + after[1:]
