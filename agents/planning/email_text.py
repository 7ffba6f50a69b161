"""A letter in the hand of the sender: greeting, a few paragraphs, one question, first name."""

from collections.abc import Iterable, Sequence

from agents.planning.facts import Activity
from agents.planning.names import first_name, sign_off
from agents.planning.plan import Case
from agents.providers.base import Intent

MAX_NOTE = 300
MAX_EVIDENCE = 6


def body(case: Case, paragraphs: Sequence[str]) -> str:
    """The text of an e-mail; empty paragraphs are left out. The signature is added elsewhere."""
    name = first_name(case.facts.contact)
    parts = [f"Hello {name}," if name else "Hello,", *filter(None, paragraphs)]
    return "\n\n".join([*parts, *filter(None, [sign_off(case.facts.sender)])])


def email(
    case: Case,
    kind: str,
    subject: str,
    paragraphs: Sequence[str],
    evidence: Iterable[Activity | None],
    reasoning: str,
) -> Intent:
    """An e-mail to the contact."""
    params = {
        "contact_id": case.facts.contact.id,
        "subject": subject,
        "body": body(case, paragraphs),
    }
    return Intent(kind, "email_message", params, ids(evidence), reasoning)


def invitation(
    case: Case, kind: str, text: str, evidence: Iterable[Activity | None], reasoning: str
) -> Intent:
    """A LinkedIn invitation; the text fits its 300 letters, whatever the name."""
    name = first_name(case.facts.contact)
    greeted = f"Hello {name}, {text}" if name else f"Hello, {text}"
    message = greeted if len(greeted) <= MAX_NOTE else f"Hello, {text}"
    params = {"contact_id": case.facts.contact.id, "message": message}
    return Intent(kind, "linkedin_connection", params, ids(evidence), reasoning)


def ids(evidence: Iterable[Activity | None]) -> tuple[str, ...]:
    """The ids, each once, at most MAX_EVIDENCE."""
    return tuple(dict.fromkeys(event.id for event in evidence if event))[:MAX_EVIDENCE]
