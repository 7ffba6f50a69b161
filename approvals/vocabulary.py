"""The words of the ledger: statuses, details, reasons; the table of approvals-3 as data."""

from enum import StrEnum


class Status(StrEnum):
    """The nine public statuses."""

    SCHEDULED = "scheduled"
    PENDING = "pending_approval"
    APPROVED = "approved"
    AUTO_APPROVED = "auto_approved"
    REJECTED = "rejected"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Detail(StrEnum):
    """The reason for an action's status; empty if the status is enough."""

    NONE = ""
    DRIFTED = "drifted"
    OVERDUE = "overdue"
    HELD_BY_STOP = "held_by_stop"
    UNDO_WINDOW = "undo_window"
    WAITING_QUIET_HOURS = "waiting_quiet_hours"
    WAITING_DAILY_LIMIT = "waiting_daily_limit"
    WAITING_LANE = "waiting_lane"
    WAITING_PROVIDER = "waiting_provider"
    WAITING_CHANNEL = "waiting_channel"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    UNDONE = "undone"
    SUPPRESSED = "suppressed"
    RIGHTS_LOST = "rights_lost"
    OUTCOME_UNKNOWN = "outcome_unknown"
    BOUNCED = "bounced"


class Ruling(StrEnum):
    """The ruling on a request."""

    RUN = "run"
    QUEUE = "queue"
    REFUSE = "refuse"


class Matter(StrEnum):
    """The kind of request, as in the default table of policy-1."""

    RECORD = "a reversible record change"
    SENSITIVE = "a change of e-mail, domain, owner or consent, or a delete"
    SEND = "a message"


HELD = frozenset({Status.APPROVED, Status.AUTO_APPROVED, Status.SCHEDULED})
ENDED = frozenset({Status.REJECTED, Status.COMPLETED, Status.FAILED, Status.CANCELLED})

# Why an approved action has not begun, whether a person or policy let it through.
HELD_BACK = frozenset(
    {
        Detail.NONE,
        Detail.UNDO_WINDOW,
        Detail.WAITING_QUIET_HOURS,
        Detail.WAITING_DAILY_LIMIT,
        Detail.WAITING_LANE,
        Detail.WAITING_PROVIDER,
        Detail.WAITING_CHANNEL,
    }
)

# The details allowed for each status, and its meaning (approvals-3).
STATUS_TABLE: dict[Status, tuple[str, frozenset[Detail]]] = {
    Status.PENDING: (
        "waiting for a person",
        frozenset({Detail.NONE, Detail.DRIFTED, Detail.OVERDUE, Detail.HELD_BY_STOP}),
    ),
    Status.APPROVED: ("approved and held", HELD_BACK),
    Status.AUTO_APPROVED: ("allowed without approval, and held", HELD_BACK),
    Status.SCHEDULED: ("allowed, with a send time in the future", frozenset({Detail.NONE})),
    Status.RUNNING: ("claimed", frozenset({Detail.NONE})),
    Status.COMPLETED: ("done", frozenset({Detail.NONE})),
    Status.REJECTED: ("rejected", frozenset({Detail.NONE})),
    Status.CANCELLED: (
        "will not run",
        frozenset(
            {
                Detail.EXPIRED,
                Detail.WITHDRAWN,
                Detail.SUPERSEDED,
                Detail.UNDONE,
                Detail.SUPPRESSED,
                Detail.RIGHTS_LOST,
            }
        ),
    ),
    Status.FAILED: (
        "did not succeed",
        frozenset({Detail.NONE, Detail.OUTCOME_UNKNOWN, Detail.BOUNCED}),
    ),
}

# Allowed transitions between statuses; all others are refused.
TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset(
        {
            Status.PENDING,
            Status.APPROVED,
            Status.AUTO_APPROVED,
            Status.SCHEDULED,
            Status.REJECTED,
            Status.CANCELLED,
        }
    ),
    Status.APPROVED: frozenset({Status.APPROVED, Status.RUNNING, Status.PENDING, Status.CANCELLED}),
    Status.AUTO_APPROVED: frozenset(
        {Status.AUTO_APPROVED, Status.RUNNING, Status.PENDING, Status.CANCELLED}
    ),
    Status.SCHEDULED: frozenset(
        {
            Status.SCHEDULED,
            Status.APPROVED,
            Status.AUTO_APPROVED,
            Status.RUNNING,
            Status.PENDING,
            Status.CANCELLED,
        }
    ),
    Status.RUNNING: frozenset(
        {
            Status.COMPLETED,
            Status.FAILED,
            Status.PENDING,
            Status.CANCELLED,
            Status.APPROVED,
            Status.AUTO_APPROVED,
            Status.SCHEDULED,
        }
    ),
    # Mail that came back: it was sent, and did not arrive.
    Status.COMPLETED: frozenset({Status.COMPLETED, Status.FAILED}),
    # An unknown outcome a person settles (services/looking.py), or mail that came back.
    Status.FAILED: frozenset({Status.COMPLETED, Status.APPROVED, Status.FAILED}),
    Status.REJECTED: frozenset(),
    Status.CANCELLED: frozenset(),
}

REASON_CODES: list[tuple[str, str]] = [
    ("wrong_person", "Wrong person"),
    ("wrong_time", "Wrong time"),
    ("wrong_tone", "Wrong tone"),
    ("wrong_fact", "Wrong facts"),
    ("duplicate", "Duplicate"),
    ("not_wanted", "Not wanted"),
    ("other", "Other"),
]
