"""Searching people and companies by parts of words, whatever the accents and capitals."""

import unicodedata
from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)

MAX_WORDS = 8


def fold(*parts: str) -> str:
    """Text without capitals and accents, its parts on one line."""
    joined = unicodedata.normalize("NFKD", " ".join(part for part in parts if part))
    return "".join(c for c in joined.casefold() if not unicodedata.combining(c))


def matching(rows: QuerySet[Row], text: str) -> QuerySet[Row]:
    """The rows whose `search_text` holds every word of the text, in any order."""
    for word in fold(text).split()[:MAX_WORDS]:
        rows = rows.filter(search_text__contains=word)
    return rows
