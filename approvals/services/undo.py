"""Taking back: a message before it went out, a record change after it was made (rules 6)."""

from approvals import registry
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
    if action.status in HELD:
        transitions.move(
            actor, action, Status.CANCELLED, "undone", detail=Detail.UNDONE, runs_at=None
        )
    elif action.status == Status.COMPLETED and action.inverse and not action.undone_at:
        _apply_inverse(actor, action, Inverse.model_validate(action.inverse))
        transitions.move(actor, action, Status.COMPLETED, "undone", undone_at=clock.now())
    else:
        raise AlreadyDecided(decisions.already_sentence(action), hint="It can't be undone.")
    return Effected(resource={"action_id": str(action.pk), "status": action.status})


def may_undo(actor: Actor, action: Action) -> bool:
    """Whether this actor could undo it now."""
    is_open = action.status in HELD or (
        action.status == Status.COMPLETED and bool(action.inverse) and not action.undone_at
    )
    return is_open and _has_right(actor, action)


def _has_right(actor: Actor, action: Action) -> bool:
    is_internal = registry.TYPES[action.type].executor is None
    return (
        actor.has_role(Role.ADMIN)
        or (actor.user_id is not None and action.decided_by_id == actor.user_id)
        or (is_internal and action.requested_by_id == actor.user_id)
    )


def _check_right(actor: Actor, action: Action) -> None:
    if not _has_right(actor, action):
        raise Forbidden("Only whoever decided this, or an admin, can undo it.")


def _apply_inverse(actor: Actor, action: Action, inverse: Inverse) -> None:
    forward = registry.TYPES[action.type].declared
    if forward.preview and forward.preview(actor, validated(forward.schema, action.params)).changes:
        raise Conflict(
            "The record was changed again since.", hint="Look at it and change it by hand."
        )
    op = operations.get(inverse.operation)
    operations.perform(actor, op, validated(op.schema, inverse.arguments))
