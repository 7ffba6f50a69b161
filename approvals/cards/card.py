"""The card of an action: everything a person needs to decide.

Plain values built by `approvals.cards.build`; pages and the review tool render the same ones.
"""

from dataclasses import dataclass, field
from datetime import datetime

from approvals.attention.lists import Alert
from approvals.drafting.drift import Drift
from approvals.drafting.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Party:
    """One recipient. `kind` is to, cc or bcc; `known` as in sending-5."""

    address: str
    kind: str
    known: bool
    name: str = ""
    contact_id: str | None = None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a record change. `drifted` when `now` differs from the value at drafting."""

    label: str
    now: str
    will_be: str
    at_drafting: str
    drifted: bool


@dataclass(frozen=True, slots=True)
class Other:
    """Another message to the same person; the approval must say whether it still goes out."""

    action_id: str
    headline: str
    who: str
    state: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of an action's history: drafted, edited, approved, sent."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class DiffPart:
    """A part of a word diff: `kind` is same, gone or new."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """One complete action. Texts are plain; the page escapes them."""

    action_id: str
    type: str
    label: str  # "E-mail", "Contact change"
    headline: str  # ours: "E-mail to ana@example.com", "Change 2 fields of Ana Ng"
    who: str  # ours: "Claude at claude.ai", "Mia Moss"
    on_behalf_of: str  # the person an app acts for, "" for a person in the dashboard
    status: str
    status_detail: str
    state: str  # the status in words: "Waiting for a person", "Goes out at 14:03 unless undone"
    fingerprint: str
    version: int
    created_at: datetime
    expires_at: datetime | None
    runs_at: datetime | None
    undo_until: datetime | None
    sender: str  # "Mia Moss <mia@acme.test>", "" for internal types
    recipients: list[Party]
    subject: str
    body: str  # the exact plain text that is sent; "" for internal types
    changes: list[FieldChange]
    description: str  # the app's own words: shown in a marked box, never trusted
    why: str  # ours: the rule that holds it
    red: list[str]  # reasons why it is high risk, in words
    evidence: list[Evidence]
    drift: list[Drift]
    links: list[str]  # every link target, in full
    has_hidden_characters: bool
    undo_note: str  # "Within 10 s of the approval; then it goes out"
    not_before: datetime | None  # the scheduled time
    params: dict[str, object]  # for the edit form
    edited: list[DiffPart]  # word diff of the last edit of the text; empty when never edited
    history: list[HistoryEntry]
    receipt: str  # our sentence about the delivery
    decided_by: str
    decided_at: datetime | None
    may_decide: bool
    may_edit: bool
    may_undo: bool
    may_withdraw: bool
    contact_id: str | None = None
    contact_name: str = ""
    may_reject: bool = False
    taint: str = ""  # ours: the external text its app had read
    seen: str = ""  # messages since the draft, confirmed as read by the approval
    others: list[Other] = field(default_factory=list)
    beside: str = ""  # their ids, for the approval
    audience: str = ""  # ours: how many people a broadcast reaches, or why that is unknown
    audience_token: str = ""  # the count, for the approval
    external: str = ""  # the provider's answer: external text, shown marked
    notices: list[str] = field(default_factory=list)  # ours: things to check before deciding
    attention: list[str] = field(default_factory=list)  # ours: why the reader should look
    may_draft_again: bool = False
    may_settle: bool = False  # the outcome is unknown, and this reader may settle it
    may_drop: bool = False
    replaces_id: str = ""
    replaced_by_id: str = ""
    agent_id: str = ""  # the requesting agent and its run
    run_id: str = ""

    @property
    def length(self) -> int:
        """The number of characters a person reads: everything that would be sent or written."""
        values = sum(len(change.now) + len(change.will_be) for change in self.changes)
        return len(self.body) + values


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue; in the tab attention, `attention` says why it is listed."""

    action_id: str
    type: str
    label: str
    headline: str
    who: str
    excerpt: str
    status: str
    state: str
    attention: list[str]
    created_at: datetime
    expires_at: datetime | None
    runs_at: datetime | None
    red: list[str]
    may_undo: bool
    contact_name: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A tab of the queue: its rows (at most 100), and the count of each tab."""

    tab: str  # waiting, soon, done, attention
    rows: list[Row]
    counts: dict[str, int]
    types: list[tuple[str, str]] = field(default_factory=list)  # (type, label) to filter by
    agents: list[tuple[str, str]] = field(default_factory=list)  # (id, name) of requesting agents
    alerts: list[Alert] = field(default_factory=list)  # in the tab attention
