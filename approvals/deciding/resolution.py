"""Closing an attention item: seen, dropped, drafted again, settled (attention-1)."""

from dataclasses import replace

from django.conf import settings

from approvals import registry
from approvals.attention import alerts
from approvals.attention.kinds import How
from approvals.attention.schemas import (
    AgainAction,
    DraftedAgain,
    DropAttention,
    SeeAttention,
    SettleAction,
)
from approvals.deciding.decisions import decision_record
from approvals.drafting import drafts
from approvals.drafting.assessment import Assessment
from approvals.gate import proposals
from approvals.ledger import transitions
from approvals.models import Action, Attempt, Attention
from approvals.policy import rights
from approvals.policy.engine import Decided
from approvals.sending import running
from approvals.vocabulary import Detail, Ruling, Status
from core import clock
from core.access import Role, Scope
from core.actor import Actor, ActorKind
from core.errors import Conflict, Forbidden, NotFound
from core.operations import Effect, Proposal, operation
from core.outcomes import Effected


@operation(
    "approvals.attention.seen",
    schema=SeeAttention,
    scope=Scope.ACTIONS_WRITE,
    effect=Effect.CHANGE,
    idempotent=True,
    propose_role=Role.VIEWER,
)
def acknowledge(actor: Actor, data: SeeAttention) -> Effected:
    """Close one's own open rows about a subject; other people's stay open."""
    rows = Attention.objects.visible_to(actor).filter(user_id=actor.user_id)
    if not rows.filter(subject_id=data.subject_id).exists():
        raise NotFound("attention item")
    closed = alerts.close_alerts(
        actor.workspace_id, data.subject_id, How.SEEN, user_id=str(actor.user_id)
    )
    return Effected(resource={"subject_id": data.subject_id, "closed": closed})


@operation(
    "approvals.attention.drop",
    schema=DropAttention,
    scope=Scope.ACTIONS_WRITE,
    effect=Effect.CHANGE,
    idempotent=True,
    propose_role=Role.MEMBER,
    run_role=Role.MEMBER,
)
def dismiss(actor: Actor, data: DropAttention) -> Effected:
    """Leave an action as it is: all rows about it are closed.

    Raises Forbidden unless the actor requested it or is a reviewer.
    """
    action = _locked(actor, data.subject_id)
    _require_part(actor, action)
    closed = alerts.close_alerts(actor.workspace_id, str(action.pk), How.DROPPED)
    if closed:
        transitions.record_step(actor, action, "dropped")
    return Effected(resource={"subject_id": str(action.pk), "closed": closed})


@operation(
    "approvals.action.again",
    schema=AgainAction,
    scope=Scope.ACTIONS_WRITE,
    effect=Effect.ADD,
    propose_role=Role.MEMBER,
    run_role=Role.MEMBER,
)
def redraft(actor: Actor, data: AgainAction) -> Effected[DraftedAgain]:
    """Draft again an action that was not carried out; the new draft waits for approval.

    Raises Conflict for an action that went out, still waits or was rejected.
    """
    old = _locked(actor, data.action_id)
    _require_part(actor, old)
    if not rights.can_be_drafted_again(old):
        raise Conflict(
            "Only failed, expired or withdrawn actions can be drafted again.",
            hint="Create a new draft.",
        )
    proposal = _same_proposal(old)
    draft = drafts.make(actor, registry.TYPES[old.type], old.params, proposal)
    why = f"Needs approval: drafted again by {actor.name}."
    ruling = Decided(Ruling.QUEUE, "drafted again", why)
    outcome = proposals.GatePlan(actor, draft, ruling, proposal).queue_again(old)
    alerts.close_alerts(actor.workspace_id, str(old.pk), How.RETRIED)
    return Effected[DraftedAgain](
        resource=DraftedAgain(
            action_id=str(outcome.action_id),
            status=str(outcome.action_status),
            replaces=str(old.pk),
        )
    )


@operation(
    "approvals.action.settle",
    schema=SettleAction,
    scope=Scope.ACTIONS_WRITE,
    effect=Effect.DECIDE,
    idempotent=False,
    open_world=True,
    propose_role=Role.REVIEWER,
    run_role=Role.REVIEWER,
)
def resolve_outcome(actor: Actor, data: SettleAction) -> Effected:
    """Settle a message whose outcome is unknown. Done by a person on its card.

    Sending again makes a new attempt with the stored rendering, after its undo window.
    """
    if actor.kind is not ActorKind.PERSON:
        raise Forbidden(
            "Only a person can record this, on the card.", hint="Give the person review_url."
        )
    action = _locked(actor, data.action_id)
    if (action.status, action.status_detail) != (Status.FAILED, Detail.OUTCOME_UNKNOWN):
        raise Conflict(
            "The outcome of this action is already known.",
            hint="Read the action again. Nothing was changed.",
        )
    if data.outcome == "drop":
        alerts.close_alerts(actor.workspace_id, str(action.pk), How.DROPPED)
        transitions.record_step(actor, action, "dropped")
    elif data.outcome == "went_out":
        _end_attempts(action)
        _went_out(actor, action)
    else:
        _end_attempts(action)
        _send_again(actor, action)
    return Effected(resource={"action_id": str(action.pk), "status": action.status})


def _went_out(actor: Actor, action: Action) -> None:
    transitions.move(
        actor,
        action,
        Status.COMPLETED,
        "said to be out",
        lease_owner="",
        receipt={
            "sentence": f"{actor.name} confirmed that it was sent.",
            "at": clock.iso(clock.now()),
        },
    )


def _send_again(actor: Actor, action: Action) -> None:
    running.let_through(
        actor,
        Assessment(actor, action),
        Status.APPROVED,
        "sent again",
        settings.UNDO_WINDOW_SECONDS,
        lease_owner="",
        lease_until=None,
        receipt=None,
        decided_by_id=actor.user_id,
        decided_at=clock.now(),
        decision=decision_record(actor, "approved", action.fingerprint),
    )


def _end_attempts(action: Action) -> None:
    """Close open attempts: a person has settled their outcome.

    Otherwise a worker that later dies before its call would look as if it had called.
    """
    tries = Attempt.objects.filter(action=action)
    tries.filter(ended_at=None).update(ended_at=clock.now(), outcome=Detail.OUTCOME_UNKNOWN)
    tries.filter(outcome=Detail.OUTCOME_UNKNOWN).update(outcome="settled")


def _locked(actor: Actor, action_id: str) -> Action:
    rows = Action.objects.select_for_update(of=("self",)).visible_to(actor)
    return rows.one(action_id, "action")


def _require_part(actor: Actor, action: Action) -> None:
    if action.requested_by_id != actor.user_id and not actor.has_role(Role.REVIEWER):
        raise Forbidden("Only the requester or a reviewer can do this.")


def _same_proposal(old: Action) -> Proposal:
    is_ahead = old.scheduled_time is not None and old.scheduled_time > clock.now()
    proposal = Proposal(
        identity_id=str(old.identity_id) if old.identity_id else None,
        description=old.description,
        evidence=tuple(str(found) for found in old.evidence),
    )
    return replace(proposal, scheduled_time=old.scheduled_time) if is_ahead else proposal
