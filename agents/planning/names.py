"""Names strangers chose, as far as a letter of ours may hold them.

A letter holds two of their words: the first name and the company's. What does not look like a name
is left out, and the letter does without.
"""

import re

from agents.planning.facts import Firm, Person, Sender
from core.schemas import plain_name, visible

MAX_NAME = 60
_MAX_WORDS = 3
# Marks of addresses, links and Markdown.
_MARKS = re.compile(r"[@<>\[\]{}|\\/*_`#~^=\"“”:;!?\d]")
_FIRM_MARKS = re.compile(r"[@<>\[\]{}|\\/*_`#~^=\"“”:;!?]")
_LINK = re.compile(r"\bwww\.|[^\W\d_]{2,}\.[^\W\d_]{2,}", re.IGNORECASE)


def first_name(person: Person) -> str:
    """The contact's first name, or nothing."""
    name = _whole(person.firstname)
    if not name or _MARKS.search(name) or _LINK.search(name) or len(name.split()) > _MAX_WORDS:
        return ""
    return name if any(letter.isalpha() for letter in name) else ""


def firm_name(firm: Firm | None) -> str:
    """The company's name, or nothing."""
    name = _whole(firm.name) if firm else ""
    is_name = any(letter.isalpha() for letter in name)
    return name if is_name and not _FIRM_MARKS.search(name) and not _LINK.search(name) else ""


def sign_off(sender: Sender | None) -> str:
    """The sender's first name, or nothing where the signature begins with it already."""
    if sender is None:
        return ""
    name = plain_name(sender.name).split(" ")[0]
    begins = sender.signature.strip().casefold()
    return "" if begins.startswith(name.casefold()) else name


def _whole(text: str) -> str:
    """The name in one line; one that is too long to be a name is none."""
    name = plain_name(text, MAX_NAME + 1)
    return name if len(name) <= MAX_NAME and visible(text) == text else ""
