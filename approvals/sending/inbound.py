"""Matching bounces and reports to their action (inbound-4).

A report by mail counts only when it quotes the message id of one of our messages and names its
recipient; a report signed by a provider, when it names a message sent through that provider.
"""

import re
from datetime import timedelta

import structlog

from approvals.attention import alerts
from approvals.attention.kinds import Kind
from approvals.ledger import transitions
from approvals.models import Action, Attempt, Recipient, Step
from approvals.suppression import changes
from approvals.vocabulary import ENDED, Detail, Status
from core import clock
from core.actor import Actor
from core.errors import Unavailable
from identities.inbound import InboundMail

log = structlog.get_logger(__name__)

# make_msgid puts the attempt's id before the @ (identities/providers/email/executor.py).
_ATTEMPT = re.compile(r"\.(att_[0-9a-z]{26})@")
REPORTED_WITHIN = timedelta(days=60)
# An older attempt that still waits does not delay reports of other messages.
UNDER_WAY = timedelta(hours=1)
_SENT = {Status.COMPLETED, Status.FAILED}
_REASONS = {"bounced": "bounced", "complaint": "complained"}


def handle(arrival: InboundMail) -> None:
    """Suppress the address, and mark a bounced message; the caller holds the transaction.

    A repeated report has no effect: a line in the action's history records the first. Raises
    Unavailable for a provider's report that may be about a message being sent.
    """
    if arrival.kind == "replied":
        return
    actor = Actor.for_job("approvals.arrivals", arrival.workspace_id)
    attempt = _signed(actor, arrival) if arrival.verified else _sending(actor, arrival)
    if attempt is None:
        if arrival.verified:
            _refuse_too_early(actor)
        log.info("arrivals.not_ours", kind=arrival.kind)
        return
    action = Action.objects.select_for_update(of=("self",)).get(pk=attempt.action_id)
    facts = {"address": arrival.address}
    if Step.objects.filter(action=action, what=arrival.kind, facts=facts).exists():
        return
    if arrival.address:
        changes.suppress(actor, arrival.address, _REASONS[arrival.kind])
    # A broadcast reached the others: only the address matters.
    is_ours_alone = action.recipients.exists()
    if arrival.kind == "bounced" and is_ours_alone and action.status in _SENT:
        transitions.move(
            actor,
            action,
            Status.FAILED,
            "bounced",
            detail=Detail.BOUNCED,
            facts=facts,
            receipt={**(action.receipt or {}), "sentence": "The message bounced."},
        )
        return
    transitions.record_step(actor, action, arrival.kind, facts)
    if arrival.kind == "complaint":
        alerts.raise_for_action(action, Kind.COMPLAINT)


def _signed(actor: Actor, arrival: InboundMail) -> Attempt | None:
    """The attempt with a provider's id."""
    rows = Attempt.objects.filter(
        workspace_id=actor.workspace_id, ended_at__gt=clock.now() - REPORTED_WITHIN
    )
    found = rows.filter(receipt__provider_id=arrival.about, action__type__startswith="resend_")
    return found.select_related("action").first()


def _refuse_too_early(actor: Actor) -> None:
    """A provider may report before its response was stored; it reports again later.

    https://resend.com/docs/webhooks/retries-and-replays: after 5 seconds, 5 and 30 minutes, and on.
    """
    begun = Attempt.objects.filter(
        workspace_id=actor.workspace_id, begun_at__gt=clock.now() - UNDER_WAY
    )
    of_resend = begun.filter(action__type__startswith="resend_")
    if of_resend.exclude(action__status__in=ENDED).exists():
        raise Unavailable("A send is in progress; report this again.")


def _sending(actor: Actor, arrival: InboundMail) -> Attempt | None:
    named = _ATTEMPT.search(arrival.about)
    if named is None:
        return None
    rows = Attempt.objects.filter(workspace_id=actor.workspace_id).select_related("action")
    attempt = rows.filter(pk=named.group(1), ended_at__isnull=False).first()
    if attempt is None or (attempt.receipt or {}).get("provider_id") != f"<{arrival.about}>":
        return None
    was_sent_to = Recipient.objects.filter(action=attempt.action_id, address=arrival.address)
    return attempt if was_sent_to.exists() else None
