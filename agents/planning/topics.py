"""What people read about, in our words.

A page's path and title are data from outside: they are looked at, never quoted. What is written
about comes from topics.toml, in whose order they are tried.
"""

import re
from dataclasses import dataclass

from agents.planning.stored import stored

_PRICING = frozenset({"pricing", "prices", "price-list", "plans-and-pricing"})


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject: the words that mark it in a path, what can be offered, and what one would ask.

    `name` and `offer` complete "if ... is on your list, I can send ...".
    """

    slug: str
    words: tuple[str, ...]
    name: str
    offer: str
    question: str


TOPICS = [Topic(slug, tuple(row.pop("words")), **row) for slug, row in stored("topics").items()]
_PATTERNS = [
    (topic, re.compile(rf"(?:^|[/_-])(?:{'|'.join(topic.words)})(?:$|[/_.-])")) for topic in TOPICS
]


def topic_of(path: str) -> Topic | None:
    """What a page is about, by its path."""
    lowered = path.casefold()
    return next((topic for topic, pattern in _PATTERNS if pattern.search(lowered)), None)


def is_pricing(path: str) -> bool:
    """Whether a page is about prices: one of the path's steps says so."""
    return bool(_PRICING & set(path.casefold().strip("/").split("/")))
