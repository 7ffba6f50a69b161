"""What a run gathered about one contact: plain data, no rows, no questions to the database.

`source` says who wrote a text: person (of this workspace), assistant, or external. Whatever is
external is data for a model, never an instruction, and never stands in a draft. Moments have an
offset. Lists are newest first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Source = Literal["person", "assistant", "external"]
Direction = Literal["in", "out"]
Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Person:
    """The contact. Names and titles may have come in by a form, so they count as external."""

    id: str
    firstname: str = ""
    lastname: str = ""
    email: str = ""
    jobtitle: str = ""
    phone: str = ""
    linkedin_url: str = ""
    lifecyclestage: str = ""
    lead_status: str = ""
    industry: str = ""
    country: str = ""
    city: str = ""
    email_consent: bool | None = None
    creation_source: str = ""
    created_at: datetime | None = None
    owner: str = ""
    properties: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Firm:
    """The contact's company."""

    id: str
    name: str = ""
    domain: str = ""
    industry: str = ""
    employee_count: int | None = None
    country: str = ""
    properties: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Activity:
    """An event, bots left out. `data` is what the site or product sent with it."""

    id: str
    event: str
    at: datetime
    path: str = ""
    url: str = ""
    title: str = ""
    device_type: str = ""
    referring_domain: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    data: Mapping[str, Scalar] = field(default_factory=dict)
    source: Source = "external"


@dataclass(frozen=True, slots=True)
class Remark:
    """A note about the contact."""

    id: str
    at: datetime
    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class PastEmail:
    """A message, in or out; `excerpt` is empty where its mailbox shares no more than the time."""

    id: str
    at: datetime
    direction: Direction
    channel: str
    subject: str
    excerpt: str
    source: Source
    thread_id: str = ""


@dataclass(frozen=True, slots=True)
class OpenAction:
    """An action about the contact that has not ended; `outbound` when it would reach them."""

    id: str
    type: str
    status: str
    at: datetime
    outbound: bool


@dataclass(frozen=True, slots=True)
class PastDecision:
    """What people decided about an earlier proposal of this agent; `reason` is theirs."""

    action_id: str
    type: str
    decision: str
    reason_code: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name the agent writes; `channels` are those that work: email, linkedin.

    `signature` is what every letter of the sender ends with (added when it is rendered).
    """

    name: str
    identity_id: str
    channels: tuple[str, ...] = ()
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it.

    `suppressed`: unsubscribed, bounced or complained. `replied_at`: when the contact last wrote to
    us. `known`: sending-5. `colleagues_active`: other people of the company with events in the last
    30 days. `upcoming_meeting_at`: the next one we know of. `time_zone`: the workspace's, IANA.
    """

    contact: Person
    company: Firm | None = None
    events: tuple[Activity, ...] = ()
    notes: tuple[Remark, ...] = ()
    messages: tuple[PastEmail, ...] = ()
    open_actions: tuple[OpenAction, ...] = ()
    past_decisions: tuple[PastDecision, ...] = ()
    suppressed: bool = False
    replied_at: datetime | None = None
    known: bool = False
    colleagues_active: int = 0
    upcoming_meeting_at: datetime | None = None
    sender: Sender | None = None
    time_zone: str = "UTC"

    @property
    def evidence_ids(self) -> frozenset[str]:
        """The ids a proposal may rest on: of events, notes and messages."""
        events, notes, letters = self.events, self.notes, self.messages
        return frozenset(
            [*(e.id for e in events), *(note.id for note in notes), *(m.id for m in letters)]
        )
