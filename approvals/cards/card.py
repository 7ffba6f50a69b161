"""What a person sees of an action: one card with everything needed to decide.

Plain values, made by `approvals.cards.build`; pages and the review tool render the same ones.
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
    """One field of a record change. `drifted` when `now` is no longer what it was at drafting."""

    label: str
    now: str
    will_be: str
    at_drafting: str
    drifted: bool


@dataclass(frozen=True, slots=True)
class Other:
    """Another message to the same person, of which the approval has to say what becomes."""

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
    """A run of words: `kind` is same, gone or new."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """One action, whole. Texts are plain; the page escapes them."""

    action_id: str
    type: str
    label: str  # "E-mail", "Contact change"
    headline: str  # ours: "E-mail to ana@example.com", "Change 2 fields of Ana Ng"
    who: str  # ours: "Claude at claude.ai", "Mia Moss"
    on_behalf_of: str  # the person behind an app, "" for a person in the dashboard
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
    body: str  # exactly the plain text that is sent; "" for internal types
    changes: list[FieldChange]
    description: str  # the app's own words: shown in a marked box, never trusted
    why: str  # ours: which rule holds it
    red: list[str]  # red reasons in words; empty when none
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
    taint: str = ""  # ours: what its app had read from outside
    seen: str = ""  # what the approval says was read: what arrived or went out since the draft
    others: list[Other] = field(default_factory=list)
    beside: str = ""  # the ids of these, as the approval names them
    audience: str = ""  # ours: how many people a broadcast reaches, or why nobody can say
    audience_token: str = ""  # the count, as the approval names it
    external: str = ""  # what the provider answered: an outsider's text, shown marked
    notices: list[str] = field(default_factory=list)  # ours: what to look at before deciding
    attention: list[str] = field(default_factory=list)  # ours: why this reader is asked to look
    may_draft_again: bool = False
    may_settle: bool = False  # nobody can tell whether it went out, and this reader may say
    may_drop: bool = False
    replaces_id: str = ""
    replaced_by_id: str = ""
    agent_id: str = ""  # the agent that asks, and the run in which it did
    run_id: str = ""

    @property
    def length(self) -> int:
        """Characters a person reads of what would be sent or written."""
        values = sum(len(change.now) + len(change.will_be) for change in self.changes)
        return len(self.body) + values


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue; `attention` says why the reader is asked to look, in that tab."""

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
    """A tab of the queue: its rows (at most 100) and how many each tab has."""

    tab: str  # waiting, soon, done, attention
    rows: list[Row]
    counts: dict[str, int]
    types: list[tuple[str, str]] = field(default_factory=list)  # (type, label) to filter by
    agents: list[tuple[str, str]] = field(default_factory=list)  # (id, name) of those that ask
    alerts: list[Alert] = field(default_factory=list)  # in the tab attention
