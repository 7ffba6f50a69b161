"""Undo: a message before it went out, a record change afterwards (approvals-9)."""

from approvals import registry
from approvals.deciding import decisions
from approvals.ledger import transitions
from approvals.models import Action
from approvals.policy import rights
from approvals.schemas.actions import UndoAction
from approvals.vocabulary import HELD, Detail, Status
from core import clock, operations
from core.access import Role, Scope
from core.actor import Actor
from core.errors import AlreadyDecided, Conflict, Forbidden
from core.operations import Effect, operation
from core.outcomes import Effected, Inverse
from core.schemas import validated


@operation(
    "approvals.action.undo",
    schema=UndoAction,
    scope=Scope.ACTIONS_WRITE,
    also=(Scope.ACTIONS_APPROVE,),
    effect=Effect.CHANGE,
    while_stopped=True,
    propose_role=Role.MEMBER,
    run_role=Role.MEMBER,
)
def undo(actor: Actor, data: UndoAction) -> Effected:
    """Stop a message that has not begun, or apply the inverse of a record change.

    Raises AlreadyDecided when it is too late, Conflict when the record changed since.
    """
    rows = Action.objects.select_for_update(of=("self",)).visible_to(actor)
    action = rows.select_related("decided_by").one(data.action_id, "action")
    _check_right(actor, action)
    if not rights.can_be_undone(action):
        raise AlreadyDecided(decisions.already_sentence(action), hint="This can't be undone.")
    if action.status in HELD:
        transitions.move(
            actor, action, Status.CANCELLED, "undone", detail=Detail.UNDONE, runs_at=None
        )
    else:
        _apply_inverse(actor, action, Inverse.model_validate(action.inverse))
        transitions.move(actor, action, Status.COMPLETED, "undone", undone_at=clock.now())
    return Effected(resource={"action_id": str(action.pk), "status": action.status})


def _check_right(actor: Actor, action: Action) -> None:
    if not rights.may_undo(actor, action):
        raise Forbidden("Only the person who approved this, or an admin, can undo it.")


def _apply_inverse(actor: Actor, action: Action, inverse: Inverse) -> None:
    op = operations.get(inverse.operation)
    arguments = validated(op.schema, inverse.arguments)
    if _changed_since(actor, action, inverse):
        raise Conflict(
            "The record has changed since then.", hint="Review the record and change it by hand."
        )
    op.perform(actor, arguments)


def _changed_since(actor: Actor, action: Action, inverse: Inverse) -> bool:
    """Whether the undo would revert more than this action did.

    After a change of values: whether they differ now. After creating a record: whether its version
    moved. A deleted record cannot have changed.
    """
    forward = registry.TYPES[action.type].declared
    back = operations.get(inverse.operation)
    if inverse.version is not None and back.preview:
        arguments = validated(back.schema, inverse.arguments)
        return back.preview(actor, arguments).version != inverse.version
    if forward.effect is not Effect.CHANGE or forward.preview is None:
        return False
    return bool(forward.preview(actor, validated(forward.schema, action.params)).changes)
