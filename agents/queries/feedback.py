"""Reviewers' decisions on an agent's proposals: for its page, and for its next prompt."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from agents.schemas.agents import Feedback, Reason
from approvals.models import Action
from approvals.vocabulary import HELD, Detail, Status
from core.actor import Actor

SHOWN = 10
LETTERS_OF_EDIT = 1500
APPROVED = Q(decision__verdict="approved")
EDITED = APPROVED & Q(edit_before__isnull=False)
_REJECTED = Q(status=Status.REJECTED)
_WITHDRAWN = Q(status=Status.CANCELLED, status_detail=Detail.WITHDRAWN)


def feedback_of(actor: Actor, agent_id: str) -> Feedback:
    """Counts over all its proposals, and the latest rejections and edits."""
    rows = _of(actor, agent_id)
    counts = rows.aggregate(
        proposed=Count("pk"),
        waiting=Count("pk", filter=Q(status=Status.PENDING)),
        approved=Count("pk", filter=APPROVED),
        edited=Count("pk", filter=EDITED),
        rejected=Count("pk", filter=_REJECTED),
        expired=Count("pk", filter=Q(status_detail=Detail.EXPIRED)),
    )
    unedited = counts["approved"] - counts.pop("edited")
    return Feedback(
        **counts,
        approved_unedited=unedited,
        unedited_rate=round(unedited / counts["approved"], 2) if counts["approved"] else None,
        latest=latest_of(actor, agent_id),
    )


def latest_of(actor: Actor, agent_id: str, contact_id: str | None = None) -> list[Reason]:
    """Its latest rejections and edits, newest first, at most SHOWN; for one contact if given."""
    rows = _of(actor, agent_id, contact_id).filter(_REJECTED | _WITHDRAWN | EDITED)
    return [_reason(action) for action in rows.order_by("-updated_at", "-id")[:SHOWN]]


def open_outbound(actor: Actor, contact_id: str) -> QuerySet[Action]:
    """Actions about the contact that have not ended, newest first."""
    open_ones = [Status.PENDING, Status.RUNNING, *HELD]
    rows = Action.objects.visible_to(actor).filter(contact=contact_id, status__in=open_ones)
    return rows.order_by("-created_at", "-id")


def decided(actor: Actor, agent_id: str, contact_id: str) -> QuerySet[Action]:
    """The agent's earlier decided proposals for the contact, newest first."""
    rows = _of(actor, agent_id, contact_id).exclude(decision=None)
    return rows.order_by("-decided_at", "-id")


def _of(actor: Actor, agent_id: str, contact_id: str | None = None) -> QuerySet[Action]:
    rows = Action.objects.visible_to(actor).filter(agent_id=agent_id)
    return rows if contact_id is None else rows.filter(contact=contact_id)


def _reason(action: Action) -> Reason:
    decision: dict[str, Any] = action.decision or {}
    return Reason(
        action_id=str(action.pk),
        type=action.type,
        contact_id=str(action.contact_id) if action.contact_id else None,
        reason_code=decision.get("reason_code") or None,
        reason=decision.get("reason") or None,
        edited=_edit(action) if action.edit_before else None,
        at=action.decided_at or action.updated_at,
    )


def _edit(action: Action) -> str | None:
    """A message's text after a person's edit; empty if the text is unchanged."""
    before, after = action.edit_before or {}, action.rendered or {}
    if before.get("text") == after.get("text"):
        return None
    return str(after.get("text", ""))[:LETTERS_OF_EDIT]


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one agent's proposals: waiting, approved, and approved after an edit."""

    waiting: int = 0
    approved: int = 0
    edited: int = 0

    @property
    def unedited_rate(self) -> float | None:
        """The share of approved ones that went out as drafted, 0 to 1; None without any."""
        return (self.approved - self.edited) / self.approved if self.approved else None


def by_agent(actor: Actor) -> dict[str, Tally]:
    """The tallies by agent id; an agent without proposals has none."""
    rows = Action.objects.visible_to(actor).filter(agent_id__isnull=False).order_by()
    counted = rows.values("agent_id").annotate(
        waiting=Count("pk", filter=Q(status=Status.PENDING)),
        approved=Count("pk", filter=APPROVED),
        edited=Count("pk", filter=EDITED),
    )
    return {
        str(row["agent_id"]): Tally(row["waiting"], row["approved"], row["edited"])
        for row in counted
    }
