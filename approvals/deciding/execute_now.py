"""Execute: a scheduled action goes out now, after its undo window (approvals-10)."""

from datetime import timedelta

from django.conf import settings

from approvals.deciding import decisions
from approvals.drafting import timing
from approvals.ledger import transitions
from approvals.models import Action
from approvals.schemas.actions import Decision, ExecuteAction
from approvals.vocabulary import HELD, Detail, Status
from core import clock
from core.access import Role, Scope
from core.actor import Actor
from core.errors import AlreadyDecided, Conflict
from core.operations import Effect, operation


@operation(
    "approvals.action.execute",
    schema=ExecuteAction,
    scope=Scope.ACTIONS_EXECUTE,
    effect=Effect.DECIDE,
    idempotent=True,
    open_world=True,
    propose_role=Role.REVIEWER,
    run_role=Role.REVIEWER,
)
def execute(actor: Actor, data: ExecuteAction) -> Decision:
    """Bring an approved or scheduled action forward; never approves.

    Raises Conflict if it still waits, AlreadyDecided if it has begun or ended.
    """
    rows = Action.objects.select_for_update(of=("self",)).visible_to(actor)
    action = rows.select_related("decided_by").one(data.action_id, "action")
    if action.status == Status.PENDING:
        raise Conflict("This action needs approval; execute does not approve.")
    if action.status not in HELD:
        raise AlreadyDecided(
            decisions.already_sentence(action), hint="There is nothing left to execute."
        )
    hold = settings.UNDO_WINDOW_CHAT_SECONDS
    moment = clock.now()
    if action.runs_at is None or action.runs_at > moment + timedelta(seconds=hold):
        _bring_forward(actor, action, hold)
    return Decision(
        action_id=str(action.pk),
        action_status=Status(action.status),
        status_detail=action.status_detail or None,
        runs_at=action.runs_at,
        undo_until=action.undo_until,
        next=decisions.status_sentence(action),
    )


def _bring_forward(actor: Actor, action: Action, hold: int) -> None:
    moment = clock.now()
    held_as = Status.APPROVED if action.decided_by_id else Status.AUTO_APPROVED
    transitions.move(
        actor,
        action,
        held_as,
        "brought forward",
        detail=Detail.UNDO_WINDOW,
        runs_at=moment + timedelta(seconds=hold),
        undo_until=moment + timedelta(seconds=timing.shown_window(hold)),
        send_by=timing.send_by(moment, None, action.identity),
    )
