"""What the demo's ledger is made of: e-mails, changes and other drafts, from `demo/data`."""

import re
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Literal

from demo.files import emails, load

# A line break that no blank line, list item, heading or address follows.
_INSIDE_PARAGRAPH = re.compile(r"(?<!\n)\n *(?!\n|- |\d+\. |## |https://)")

Verdict = Literal["sent", "rejected", "waiting"]


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail; `about` names the pages and events that are its evidence.

    `days_ago` is when it was drafted; `reason` is (code, words) of a rejection; `in_days` sets a
    time to go out; `cites_note` adds the contact's newest note to the evidence.
    """

    to: str
    subject: str
    body: str
    why: str
    days_ago: float
    verdict: Verdict
    sender: str
    about: tuple[str, ...]
    reason: tuple[str, str]
    in_days: int
    cites_note: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a contact that waits for a person."""

    of: str
    properties: dict[str, Any]
    why: str
    days_ago: float
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Other:
    """A draft of another type that waits; `names_contact` when its params take contact_id.

    `profile` is the LinkedIn address the contact gets when it has none.
    """

    type: str
    about: str
    params: dict[str, Any]
    why: str
    days_ago: float
    sender: str = ""
    names_contact: bool = True
    profile: str = ""


def _email(verdict: Verdict, message: EmailMessage) -> Email:
    """The draft that a file holds: the line breaks inside a paragraph are the file's only."""
    return Email(
        to=message["To"],
        subject=message["Subject"],
        body=_INSIDE_PARAGRAPH.sub(" ", message.get_content().rstrip("\n")),
        why=message["X-Why"],
        days_ago=float(message["X-Days-Ago"]),
        verdict=verdict,
        sender=message["From"],
        about=tuple(message.get("X-About", "").split()),
        reason=(message.get("X-Reason-Code", ""), message.get("X-Reason", "")),
        in_days=int(message.get("X-In-Days", 0)),
        cites_note=message.get("X-Cites-Note", "no") == "yes",
    )


_VERDICTS: tuple[Verdict, ...] = ("sent", "rejected", "waiting")
EMAILS = tuple(_email(verdict, message) for verdict in _VERDICTS for message in emails(verdict))
CHANGES = load("changes", tuple[Change, ...])
OTHERS = load("other_drafts", tuple[Other, ...])
