"""What a hand-written draft of the demo is."""

import re
from dataclasses import dataclass
from typing import Any

# A line break that no blank line, list item, heading or address follows.
_INSIDE_PARAGRAPH = re.compile(r"(?<!\n)\n *(?!\n|- |\d+\. |## |https://)")

MIA, ADA, REX = "mia.moss@acme.test", "ada.lind@acme.test", "rex.okafor@acme.test"


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail; `about` names the pages and events it rests on, `days_ago` when it was drafted.

    `verdict` is sent, rejected or waiting; `reason` is (code, words) of a rejection; `in_days` sets
    a time to go out; `cites_note` adds the contact's newest note to the evidence.
    """

    to: str
    subject: str
    body: str
    why: str
    days_ago: float
    verdict: str = "sent"
    sender: str = MIA
    about: tuple[str, ...] = ("/pricing",)
    reason: tuple[str, str] = ("", "")
    in_days: int = 0
    cites_note: bool = False

    @property
    def text(self) -> str:
        """The body as it is sent: the line breaks inside a paragraph are this file's only."""
        return _INSIDE_PARAGRAPH.sub(" ", self.body)


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
