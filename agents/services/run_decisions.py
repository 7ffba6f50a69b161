"""Approving and rejecting a run's proposals by their place in it, through the ledger."""

from dataclasses import replace

from agents.models import Proposed
from agents.queries.runs import run_of
from agents.schemas.runs import ApproveInRun, RejectInRun
from approvals.deciding import decisions
from approvals.schemas.actions import ApproveAction, Decision, RejectAction
from core.access import Role, Scope
from core.actor import Actor
from core.errors import NotFound
from core.operations import Effect, operation


@operation(
    "agents.run.approve",
    schema=ApproveInRun,
    scope=Scope.AGENTS_APPROVE,
    effect=Effect.DECIDE,
    idempotent=True,
    open_world=True,
    propose_role=Role.REVIEWER,
    run_role=Role.REVIEWER,
)
def approve_in_run(actor: Actor, data: ApproveInRun) -> Decision:
    """Approve a proposal exactly as shown; raises what approving an action raises."""
    yes = ApproveAction(action_id=_action_of(actor, data), fingerprint=data.fingerprint)
    return decisions.approve.perform(_as_approver(actor), yes)


@operation(
    "agents.run.reject",
    schema=RejectInRun,
    scope=Scope.AGENTS_APPROVE,
    effect=Effect.DECIDE,
    idempotent=True,
    while_stopped=True,
    propose_role=Role.REVIEWER,
    run_role=Role.REVIEWER,
)
def reject_in_run(actor: Actor, data: RejectInRun) -> Decision:
    """Reject a proposal, with a reason the agent learns from."""
    no = RejectAction(
        action_id=_action_of(actor, data), reason_code=data.reason_code, reason=data.reason
    )
    return decisions.reject.perform(_as_approver(actor), no)


def _as_approver(actor: Actor) -> Actor:
    """agents:approve is actions:approve, limited to agents' proposals."""
    if actor.scopes is None:
        return actor
    return replace(actor, scopes=actor.scopes | {Scope.ACTIONS_APPROVE})


def _action_of(actor: Actor, data: ApproveInRun | RejectInRun) -> str:
    rows = Proposed.objects.visible_to(actor).filter(
        target__run=run_of(actor, data.run_id),
        target__contact=data.contact_id,
        position=data.index,
        action_id__isnull=False,
    )
    found = rows.first()
    if found is None:
        raise NotFound("proposal")
    return str(found.action_id)
