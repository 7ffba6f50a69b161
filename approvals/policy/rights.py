"""Who may decide, and who may undo (approvals-4, approvals-9)."""

from typing import Any

from approvals import registry
from approvals.attention.kinds import AGAIN
from approvals.models import Action, Step
from approvals.registry import ActionType
from approvals.vocabulary import HELD, Detail, Status
from core.access import Role, Scope
from core.actor import Actor, ActorKind


def role_to_approve(kind: ActionType) -> Role:
    """The lowest role that may approve this type: reviewer, or the operation's own."""
    return max(Role.REVIEWER, kind.declared.run_role, key=lambda role: role.rank)


def who_decides(kind: ActionType, policy: dict[str, Any]) -> str:
    """Who may approve it, as a sentence; `policy` is the stored ruling."""
    who = "Admins" if role_to_approve(kind) is Role.ADMIN else "Reviewers and admins"
    but = " other than the requester and editors" if policy.get("four_eyes") else ""
    where = ", in the dashboard only" if policy.get("dashboard_only") else ""
    return f"{who} of this workspace{but} can approve it{where}."


def is_too_close(actor: Actor, action: Action) -> bool:
    """Whether it needs a second approver and this person requested or edited it."""
    if not action.policy.get("four_eyes"):
        return False
    if action.requested_by_id == actor.user_id:
        return True
    edits = Step.objects.filter(action=action, what="edited", facts__by=actor.user_id)
    return edits.exists()


def can_be_undone(action: Action) -> bool:
    """Whether it can be undone: a message not begun, or a change with an inverse."""
    return (action.status in HELD and not may_have_gone_out(action)) or (
        action.status == Status.COMPLETED and bool(action.inverse) and not action.undone_at
    )


def may_have_gone_out(action: Action) -> bool:
    """Whether an earlier attempt at the approved version has an unknown outcome."""
    return action.tries.filter(
        fingerprint=action.fingerprint, outcome=Detail.OUTCOME_UNKNOWN
    ).exists()


def can_be_drafted_again(action: Action) -> bool:
    """Whether it ended without being carried out, and its text still exists."""
    state = (Status(action.status), Detail(action.status_detail))
    return state in AGAIN and bool(action.params)


def may_undo(actor: Actor, action: Action) -> bool:
    """Whether the actor has the right to undo, even if it is too late."""
    is_internal = registry.TYPES[action.type].executor is None
    return (
        actor.has_role(Role.ADMIN)
        or (actor.user_id is not None and action.decided_by_id == actor.user_id)
        or (is_internal and action.requested_by_id == actor.user_id)
    )


def is_own_draft(actor: Actor, action: Action) -> bool:
    """Whether the actor is the requester, by any app, and so withdraws it; a reviewer in the
    dashboard rejects it instead.
    """
    return (
        action.requested_by_id == actor.user_id
        and actor.user_id is not None
        and actor.has_role(Role.MEMBER)
        and actor.has_scope(Scope.ACTIONS_WRITE)
        and not (actor.kind is ActorKind.PERSON and actor.has_role(Role.REVIEWER))
    )
