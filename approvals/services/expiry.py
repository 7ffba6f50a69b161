"""Ending what nobody decided in time (rules 6)."""

import structlog

from approvals.models import Action
from approvals.services import transitions
from approvals.vocabulary import Detail, Status
from core import clock
from core.actor import Actor
from core.db import unit
from core.errors import Conflict

log = structlog.get_logger(__name__)
BATCH = 200


def expire_due() -> int:
    """Cancel every waiting action whose time to decide is over; returns how many."""
    due = Action.objects.pending().filter(expires_at__lte=clock.now()).order_by("expires_at")
    expired = 0
    for action in due[:BATCH]:
        actor = Actor.for_job("approvals.expire", str(action.workspace_id))
        try:
            with unit():
                transitions.move(actor, action, Status.CANCELLED, "expired", detail=Detail.EXPIRED)
        except Conflict:
            continue  # decided at the last moment: that decision stands
        expired += 1
    if expired:
        log.info("approvals.expired", count=expired)
    return expired
