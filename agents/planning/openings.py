"""How a letter begins, and what it asks, where the reader asked for something first."""

from agents.planning.dates import roughly
from agents.planning.facts import Activity
from agents.planning.history import Asked, Form
from agents.planning.plan import Case

FIRST_LOOK = "Which day would suit you for a first look?"
_WORDS = {
    Form.DEMO: "Thank you for asking for a demo {when}.",
    Form.CONTACT: "Thank you for getting in touch {when}.",
    Form.GUIDE: "You asked for one of our guides {when}; I hope it was useful.",
    Form.NEWSLETTER: "You signed up for our newsletter {when}, so I thought I'd write.",
}


def thanks(case: Case, asked: Asked | None) -> str:
    """A sentence about the form they sent; nothing without one."""
    return with_date(case, _WORDS[asked.form], asked.event) if asked else ""


def with_date(case: Case, words: str, event: Activity) -> str:
    """The words with {when} as one would say it."""
    return words.replace("{when}", roughly(event.at, case.now, case.facts.time_zone))
