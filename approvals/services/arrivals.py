"""What came back to a mailbox, taken to the action it is about (rules 9).

A report counts only when it quotes the message id of a sending of ours and names its recipient.
"""

import re

import structlog

from approvals.attention import Kind
from approvals.models import Attempt, Recipient
from approvals.services import attention, suppression, transitions
from approvals.vocabulary import Detail, Status
from core.actor import Actor
from identities.arrivals import Arrival

log = structlog.get_logger(__name__)

# make_msgid puts the attempt's id before the @ (executors/email_message.py).
_ATTEMPT = re.compile(r"\.(att_[0-9a-z]{26})@")
_REASONS = {"bounced": "bounced", "complaint": "complained"}


def take(arrival: Arrival) -> None:
    """Suppress the address, and mark a bounced message; the caller holds the transaction."""
    if arrival.kind == "replied":
        return
    actor = Actor.for_job("approvals.arrivals", arrival.workspace_id)
    attempt = _sending(actor, arrival)
    if attempt is None:
        log.info("arrivals.not_ours", kind=arrival.kind)
        return
    suppression.suppress(actor, arrival.address, _REASONS[arrival.kind])
    action = attempt.action
    if arrival.kind == "bounced" and action.status in {Status.COMPLETED, Status.FAILED}:
        transitions.move(
            actor,
            action,
            Status.FAILED,
            "bounced",
            detail=Detail.BOUNCED,
            receipt={**(action.receipt or {}), "sentence": "The message came back."},
        )
    else:
        transitions.note(actor, action, arrival.kind)
        if arrival.kind == "complaint":
            attention.raise_for_action(action, Kind.COMPLAINT)


def _sending(actor: Actor, arrival: Arrival) -> Attempt | None:
    named = _ATTEMPT.search(arrival.about)
    if named is None:
        return None
    rows = Attempt.objects.filter(workspace_id=actor.workspace_id).select_related("action")
    attempt = rows.filter(pk=named.group(1), ended_at__isnull=False).first()
    if attempt is None or (attempt.receipt or {}).get("provider_id") != f"<{arrival.about}>":
        return None
    was_sent_to = Recipient.objects.filter(action=attempt.action_id, address=arrival.address)
    return attempt if was_sent_to.exists() else None
