"""The kill switch: any reviewer can stop, only an admin with a fresh login can resume
(approvals-13).

1. While a stop holds, `core.operations.submit` refuses changes and sends, by `check` below.
2. The dispatcher begins nothing: it skips the workspace, and checks again in the transaction that
   writes an attempt.
3. On resume, actions that had not begun wait for a person again, held_by_stop; nothing is caught
   up.
"""

from django.db import IntegrityError, transaction

from approvals.drafting import timing
from approvals.ledger import transitions
from approvals.models import Action, Stop
from approvals.models.stop import EVERYTHING
from approvals.policy import rights
from approvals.stopping import stops
from approvals.vocabulary import HELD, Detail, Status
from core import audit, clock
from core.access import Role
from core.actor import Actor
from core.db import unit
from core.errors import Conflict
from core.page_operations import Done, page_operation
from core.schemas import plain_name

OPERATOR = "the operator"


_STOP, _RESUME = "approvals.stop", "approvals.resume"


@page_operation(_STOP, role=Role.REVIEWER)
def stop(actor: Actor, reason: str = "") -> Done[Stop]:
    """Stop the actor's workspace. A second stop while it holds changes nothing."""
    made, is_new = _stop(actor, actor.workspace_id, reason)
    return Done(made, object_ids={"stop_id": str(made.pk)}, fields=(), changed=is_new)


@page_operation(_RESUME, fresh_login=True)
def resume(actor: Actor) -> Done[int]:
    """Resume the actor's workspace; returns how many actions wait for a person again.

    Raises Conflict when nothing is stopped or the operator stopped everything.
    """
    returned = _resume(actor, actor.workspace_id)
    return Done(returned, fields=[f"returned:{returned}"])


def stop_everything(reason: str = "") -> Stop:
    """The operator's switch: every workspace of the installation."""
    with unit():
        made, is_new = _stop(_operator(), EVERYTHING, reason)
        if is_new:
            audit.record(_operator(), _STOP, object_ids={"stop_id": str(made.pk)})
    return made


def resume_everything() -> int:
    """Lift the operator's own stop; workspaces that stopped themselves stay stopped."""
    with unit():
        returned = _resume(_operator(), EVERYTHING)
        audit.record(_operator(), _RESUME, fields=[f"returned:{returned}"])
    return returned


def _stop(actor: Actor, place: str, reason: str) -> tuple[Stop, bool]:
    """The stop that holds, and whether it is new."""
    try:
        with transaction.atomic():
            made = Stop.objects.create(
                place=place,
                workspace_id=actor.workspace_id or None,
                reason=plain_name(reason, 300),
                stopped_by_id=actor.user_id,
                stopped_by_name=actor.name[:200],
                stopped_at=clock.now(),
            )
    except IntegrityError:
        return Stop.objects.filter(place=place, resumed_at=None).latest("stopped_at"), False
    return made, True


def _resume(actor: Actor, place: str) -> int:
    held = Stop.objects.filter(place=place, resumed_at=None)
    # The rows first: until this commits the dispatcher still skips the workspace.
    returned = _give_back(actor, place)
    if not held.update(resumed_at=clock.now(), resumed_by_name=actor.name[:200]):
        raise Conflict(
            "Nothing is stopped here, or the operator stopped everything.", hint="Reload the page."
        )
    return returned


def _give_back(actor: Actor, place: str) -> int:
    """Return every approved action that has not begun to the queue."""
    rows = Action.objects.filter(status__in=HELD)
    if place == EVERYTHING:
        rows = rows.exclude(workspace_id__in=stops.stopped_places())
    else:
        rows = rows.filter(workspace_id=place)
    return sum(hold_back(_in(actor, action), action) for action in rows.order_by("id"))


def hold_back(actor: Actor, action: Action) -> bool:
    """Return a stopped action to the queue; false when it was moved first.

    An action that may have gone out has begun: it stays approved and is settled after the resume.
    The caller holds the transaction.
    """
    if rights.may_have_gone_out(action):
        if action.status == Status.RUNNING:
            let_go(actor, action)
        return False
    try:
        transitions.move(
            actor,
            action,
            Status.PENDING,
            "held by stop",
            detail=Detail.HELD_BY_STOP,
            **timing.undecided(action),
        )
    except Conflict:
        return False
    return True


def let_go(actor: Actor, action: Action) -> None:
    """Release a claimed action, still approved; the caller holds the transaction."""
    held_as = Status.APPROVED if action.decided_by_id else Status.AUTO_APPROVED
    transitions.move(actor, action, held_as, "freed", lease_owner="", lease_until=None)


def _in(actor: Actor, action: Action) -> Actor:
    """The actor; for the operator, the system in the action's workspace."""
    return actor if actor.workspace_id else Actor.for_job(OPERATOR, str(action.workspace_id))


def _operator() -> Actor:
    return Actor.for_job(OPERATOR, "")
