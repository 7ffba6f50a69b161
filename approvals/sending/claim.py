"""Claiming due actions, and finding those whose worker died."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet

from approvals.ledger import transitions
from approvals.models import Action, Attempt, Step
from approvals.models.stop import EVERYTHING
from approvals.sending import waiting
from approvals.stopping import kill_switch, stops
from approvals.vocabulary import Detail, Status
from core import clock
from core.actor import Actor
from core.db import unit
from core.errors import Conflict

LEASE = timedelta(seconds=60)
BATCH = 20
FREED_AT_MOST = 2  # an action that kills its worker is not begun a fourth time


def due() -> QuerySet[Action]:
    """Actions that may begin now, oldest first; none of stopped workspaces."""
    stopped = stops.stopped_places()
    if EVERYTHING in stopped:
        return Action.objects.none()
    rows = Action.objects.due(clock.now()).exclude(workspace_id__in=stopped)
    return rows.order_by("runs_at", "id")[:BATCH]


def claim(action: Action, worker: str) -> bool:
    """Claim an action for this worker; false when another worker was faster."""
    try:
        with unit():
            transitions.move(
                dispatcher(action),
                action,
                Status.RUNNING,
                "claimed",
                facts={"from": action.status},
                lease_owner=worker,
                lease_until=clock.now() + LEASE,
            )
    except Conflict:
        return False
    return True


def recover_abandoned() -> int:
    """Settle actions whose lease expired; returns the number.

    With an open attempt the outcome is unknown and a person must look. Without one nothing went
    out: the action is queued for sending again, a few times.
    """
    open_attempt = Attempt.objects.filter(action=OuterRef("pk"), ended_at=None)
    stale = Action.objects.filter(status=Status.RUNNING, lease_until__lt=clock.now())
    found = stale.annotate(attempted=Exists(open_attempt))[:BATCH]
    return sum(
        _settle(action, attempted=action.attempted)  # type: ignore[attr-defined] # annotated above
        for action in found
    )


def _settle(action: Action, *, attempted: bool) -> bool:
    actor = dispatcher(action)
    try:
        with unit():
            if attempted and waiting.retry_lost(actor, action):
                pass
            elif attempted:
                transitions.move(
                    actor,
                    action,
                    Status.FAILED,
                    "worker lost",
                    detail=Detail.OUTCOME_UNKNOWN,
                    receipt={
                        "sentence": "The worker stopped while sending; the outcome is unknown."
                    },
                )
            elif stops.came_between(action, since=action.updated_at):
                kill_switch.hold_back(actor, action)
            elif Step.objects.filter(action=action, what="freed").count() < FREED_AT_MOST:
                release(actor, action, "freed")
            else:
                transitions.move(
                    actor,
                    action,
                    Status.FAILED,
                    "given up",
                    receipt={"sentence": "Its worker stopped before sending, each time."},
                )
    except Conflict:
        return False
    return True


def release(actor: Actor, action: Action, what: str) -> None:
    """Release a claimed action, still approved; the caller holds the transaction."""
    was_decided = action.decided_by_id is not None
    transitions.move(
        actor,
        action,
        Status.APPROVED if was_decided else Status.AUTO_APPROVED,
        what,
        lease_owner="",
        lease_until=None,
    )


def dispatcher(action: Action) -> Actor:
    """The system, sending for one workspace."""
    return Actor.for_job("approvals.dispatch", str(action.workspace_id))
