"""Taking back: a message before it went out, a record change after it was made (rules 6)."""

from approvals import registry, rights
from approvals.models import Action
from approvals.schemas.actions import UndoAction
from approvals.services import decisions, transitions
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
    effect=Effect.CHANGE,
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
        raise AlreadyDecided(decisions.already_sentence(action), hint="It can't be undone.")
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
        raise Forbidden("Only whoever decided this, or an admin, can undo it.")


def _apply_inverse(actor: Actor, action: Action, inverse: Inverse) -> None:
    forward = registry.TYPES[action.type].declared
    if forward.preview and forward.preview(actor, validated(forward.schema, action.params)).changes:
        raise Conflict(
            "The record was changed again since.", hint="Look at it and change it by hand."
        )
    op = operations.get(inverse.operation)
    operations.perform(actor, op, validated(op.schema, inverse.arguments))
