"""What kind of work somebody does, and in how large a company: by the words of the title."""

import re
from enum import StrEnum

from agents.planning.facts import Facts


class Work(StrEnum):
    """Whose questions a letter should answer."""

    LEADING = "leading"
    MONEY = "money"
    SYSTEMS = "systems"
    OPERATIONS = "operations"
    CUSTOMERS = "customers"
    OTHER = "other"


class Size(StrEnum):
    """Of the company: below 50 people, below 250, more."""

    SMALL = "small"
    MIDDLE = "middle"
    LARGE = "large"
    UNKNOWN = "unknown"


# In this order: a Chief Information Officer asks about systems, a Finance Director about money.
# English, German, French, Spanish, Dutch, Polish and Italian beginnings of words.
_WORDS = {
    Work.MONEY: r"financ|controll|purchas|procure|buyer|einkauf|achat|compras|inkoop|treasur|cfo\b",
    Work.SYSTEMS: r"it\b|information|informati|system|engineer|develop|architect|integrat|security|"
    r"cto\b|cio\b|softwar|data",
    Work.OPERATIONS: "operat|operac|exploit|betrieb|dispatch|dispon|planner|plan|field|logist|"
    "process|servi|technic|technik|maintenan|installat|fleet",
    Work.CUSTOMERS: "customer|kunden|client|support|care|success",
    Work.LEADING: r"chief|ceo\b|coo\b|founder|owner|managing|president|general|général|geschäfts|"
    r"inhaber|propriet|gérant|direct|vp\b|prezes",
}
_PATTERNS = {work: re.compile(rf"\b(?:{words})", re.IGNORECASE) for work, words in _WORDS.items()}
_TOP = re.compile(
    r"\b(?:ceo|coo|founder|owner|managing director|president|inhaber|geschäftsführ|"
    r"chief (?:executive|operating)|direct\w+ g[eé]n[eé]ral)",
    re.IGNORECASE,
)


def work_of(facts: Facts) -> Work:
    """By the job title; OTHER when it says nothing."""
    title = facts.contact.jobtitle
    if _TOP.search(title):
        return Work.LEADING
    return next((work for work, pattern in _PATTERNS.items() if pattern.search(title)), Work.OTHER)


def size_of(facts: Facts) -> Size:
    """By the number of employees."""
    count = facts.company.employee_count if facts.company else None
    if not count:
        return Size.UNKNOWN
    if count < 50:
        return Size.SMALL
    return Size.MIDDLE if count < 250 else Size.LARGE
