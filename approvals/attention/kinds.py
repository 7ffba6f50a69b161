"""Kinds of attention items, as data: one for each state that needs a person (attention-1)."""

from enum import StrEnum

from approvals.vocabulary import HELD, Detail, Status


class Kind(StrEnum):
    """Why a person must look."""

    FAILED = "failed"
    OUTCOME_UNKNOWN = "outcome_unknown"
    BOUNCED = "bounced"
    COMPLAINT = "complaint"
    EXPIRED = "expired"
    OVERDUE = "overdue"
    VOIDED = "voided"
    CHANNEL_BROKEN = "channel_broken"
    SWITCHED_OFF = "switched_off"


class How(StrEnum):
    """How a row was closed: by a person, or because the state changed."""

    SEEN = "seen"
    RETRIED = "retried"
    DROPPED = "dropped"
    MOVED_ON = "moved_on"


WORDS: dict[Kind, str] = {
    Kind.FAILED: "failed",
    Kind.OUTCOME_UNKNOWN: "outcome unknown, it may have been sent",
    Kind.BOUNCED: "bounced",
    Kind.COMPLAINT: "the recipient complained",
    Kind.EXPIRED: "expired without a decision",
    Kind.OVERDUE: "not sent in time, waiting again",
    Kind.VOIDED: "edited after approval, waiting again",
    Kind.CHANNEL_BROKEN: "stopped working; its messages wait",
    Kind.SWITCHED_OFF: "was disabled",
}

_OF_STATE: dict[tuple[Status, Detail], Kind] = {
    (Status.FAILED, Detail.NONE): Kind.FAILED,
    (Status.FAILED, Detail.OUTCOME_UNKNOWN): Kind.OUTCOME_UNKNOWN,
    (Status.FAILED, Detail.BOUNCED): Kind.BOUNCED,
    (Status.CANCELLED, Detail.EXPIRED): Kind.EXPIRED,
    (Status.PENDING, Detail.OVERDUE): Kind.OVERDUE,
}

# Ended without being carried out; may be drafted again.
AGAIN: frozenset[tuple[Status, Detail]] = frozenset(
    {
        (Status.FAILED, Detail.NONE),
        (Status.FAILED, Detail.BOUNCED),
        (Status.CANCELLED, Detail.EXPIRED),
        (Status.CANCELLED, Detail.UNDONE),
        (Status.CANCELLED, Detail.WITHDRAWN),
    }
)


def kind_of(before: Status, after: Status, detail: Detail, what: str) -> Kind | None:
    """The kind of attention item a transition opens; None for ordinary ones."""
    if before in HELD and after is Status.PENDING and what == "edited":
        return Kind.VOIDED
    return _OF_STATE.get((after, detail))
