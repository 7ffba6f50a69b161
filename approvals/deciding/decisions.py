"""Approving and rejecting: who may decide, on the shown version, once (approvals-4, approvals-5).

1. The caller must be a person, an app allowed to approve, or a REST key with that scope; others get
   the link to a page.
2. The approved fingerprint is the one that was shown, and it must still match the current draft.
3. The first decision wins; repeating it gives the same answer; others are told who decided.
"""

from django.conf import settings
from django.utils.timezone import localtime

from approvals import confirm, registry
from approvals.cards import lengths
from approvals.drafting import audience, checks, conflicts, drift
from approvals.drafting.assessment import Assessment
from approvals.drafting.checks import Force
from approvals.ledger import transitions
from approvals.models import Action, Step
from approvals.policy import rights
from approvals.schemas.actions import ApproveAction, Decision, RejectAction
from approvals.sending import running
from approvals.vocabulary import HELD, Detail, Status
from core import clock
from core.access import Role, Scope
from core.actor import Actor, ActorKind, Surface
from core.errors import AlreadyDecided, Changed, Conflict, Forbidden, WrongFingerprint
from core.operations import Effect, operation

_ENDED_BY = {
    "approved": "approved",
    "rejected": "rejected",
    "withdrawn": "withdrew",
    "stopped": "stopped",
    "undone": "undid",
    "superseded": "replaced",
}
_VERDICTS = {"approved": "approved", "rejected": "rejected", "withdrawn": "cancelled"}


@operation(
    "approvals.action.approve",
    schema=ApproveAction,
    scope=Scope.ACTIONS_READ,
    also=(Scope.ACTIONS_APPROVE,),
    effect=Effect.DECIDE,
    idempotent=True,
    open_world=True,
    propose_role=Role.VIEWER,
    run_role=Role.REVIEWER,
)
def approve(actor: Actor, data: ApproveAction) -> Decision:
    """Approve the shown version; an app that may not approve gets a page for its person."""
    action = _locked(actor, data.action_id, *data.replaced)
    if action.status != Status.PENDING:
        return _late(actor, action, "approved")
    _check_fingerprint(action, data.fingerprint)
    seen = Assessment(actor, action)
    obstacle = _obstacle(actor) or _why_browser_only(actor, seen)
    if obstacle:
        return _needs_person(actor, action, obstacle)
    _require_role(actor, rights.role_to_approve(registry.TYPES[action.type]))
    _require_fresh_login(actor, action)
    _require_second_approver(actor, action)
    _check_alive(action)
    if seen.again.stops(action):
        raise Changed(
            "The draft is out of date.", hint="Edit the draft to update it, or reject it."
        )
    _check_nothing_stops(seen)
    _check_read(seen, data.seen)
    _settle_others(actor, seen, data)
    counts = audience.is_counted(action)
    in_page = actor.kind is ActorKind.PERSON
    hold = settings.UNDO_WINDOW_SECONDS if in_page else settings.UNDO_WINDOW_CHAT_SECONDS
    running.let_through(
        actor,
        seen,
        Status.APPROVED,
        "approved",
        hold,
        decided_by_id=actor.user_id,
        decided_at=clock.now(),
        decision=decision_record(actor, "approved", data.fingerprint)
        | {"seen": data.seen, "other": data.other}
        | ({"audience": audience.read_token(action, data.audience)} if counts else {}),
    )
    return _decided(action, "approved")


@operation(
    "approvals.action.reject",
    schema=RejectAction,
    scope=Scope.ACTIONS_READ,
    also=(Scope.ACTIONS_APPROVE, Scope.ACTIONS_WRITE),
    effect=Effect.DECIDE,
    idempotent=True,
    while_stopped=True,
    propose_role=Role.VIEWER,
    run_role=Role.REVIEWER,
)
def reject(actor: Actor, data: RejectAction) -> Decision:
    """Reject a waiting action, withdraw one's own draft, or stop an approved action."""
    action = _locked(actor, data.action_id)
    withdraws = rights.is_own_draft(actor, action)
    if action.status == Status.PENDING and not withdraws:
        obstacle = _obstacle(actor)
        if obstacle:
            return _needs_person(actor, action, obstacle)
        _require_role(actor, Role.REVIEWER)
    if action.status == Status.PENDING:
        return _reject(actor, action, data, withdraws=withdraws)
    if action.status in HELD:
        return _stop(actor, action, data, withdraws=withdraws)
    return _late(actor, action, "withdrawn" if withdraws else "rejected")


def _reject(actor: Actor, action: Action, data: RejectAction, *, withdraws: bool) -> Decision:
    what = "withdrawn" if withdraws else "rejected"
    facts = {"reason_code": data.reason_code or "", "reason": data.reason}
    transitions.move(
        actor,
        action,
        Status.CANCELLED if withdraws else Status.REJECTED,
        what,
        detail=Detail.WITHDRAWN if withdraws else Detail.NONE,
        facts=facts,
        decided_by_id=actor.user_id,
        decided_at=clock.now(),
        decision=decision_record(actor, what, action.fingerprint) | facts,
    )
    return _decided(action, _VERDICTS[what])


def _stop(actor: Actor, action: Action, data: RejectAction, *, withdraws: bool) -> Decision:
    """Withdraw an approved action that has not begun (protocol-7)."""
    if not withdraws:
        obstacle = _obstacle(actor)
        if obstacle:
            return _needs_person(actor, action, obstacle)
        _require_role(actor, Role.REVIEWER)
    refuse_if_tried(action)
    transitions.move(
        actor,
        action,
        Status.CANCELLED,
        "stopped",
        detail=Detail.WITHDRAWN,
        facts={"reason_code": data.reason_code or "", "reason": data.reason},
        runs_at=None,
    )
    return _decided(action, "cancelled")


def refuse_if_tried(action: Action) -> None:
    """Raise Conflict for an action that may have gone out already."""
    if action.status in HELD and rights.may_have_gone_out(action):
        raise Conflict(
            "It may already have been sent; we keep asking the provider.",
            hint="Wait until it is completed or failed.",
        )


def _locked(actor: Actor, action_id: str, *others: str) -> Action:
    rows = Action.objects.select_for_update(of=("self",)).visible_to(actor)
    if others:
        # A fixed order: of two people who choose "this one instead" one waits for the other.
        list(rows.filter(pk__in=[action_id, *others]).order_by("pk").values_list("pk"))
    return rows.select_related("decided_by").one(action_id, "action")


def _obstacle(actor: Actor) -> str:
    """Why this caller cannot decide and a page must be opened; empty when it can."""
    if actor.kind is ActorKind.PERSON:
        return ""
    if not _may_speak_for_a_person(actor):
        return "Only a person can decide: not an agent, nor an API key outside REST."
    if not actor.has_scope(Scope.ACTIONS_APPROVE):
        return "This app may not approve for you: that permission was not granted."
    return ""


def _why_browser_only(actor: Actor, seen: Assessment) -> str:
    """Why a tool call cannot approve this card although the app may; empty when it can."""
    if actor.kind is ActorKind.PERSON:
        return ""
    action = seen.action
    if action.policy.get("dashboard_only"):
        return "A workspace rule requires approval in the dashboard."
    if seen.unread:
        return "A message came in or went out after this was drafted; a person must read it first."
    if action.red_reasons:
        shown = "; ".join(action.red_reasons[:10])
        return f"High risk, must be confirmed in the browser: {shown}."
    wait = checks.first(seen.findings, Force.QUEUES)
    if wait is not None:
        return wait.sentence
    if seen.to_settle:
        return f"{conflicts.SENTENCE} A person must choose: send both, or only this one."
    if lengths.is_too_long(action):
        return "This card is too long to show in chat; decide on its page."
    return ""


def _may_speak_for_a_person(actor: Actor) -> bool:
    """A connected app, or a REST key, which needs a scope instead (approvals-4)."""
    is_key = actor.kind is ActorKind.KEY and actor.surface is Surface.REST
    return actor.kind is ActorKind.APP or is_key


def _require_role(actor: Actor, role: Role) -> None:
    if not actor.has_role(role):
        hints = {Role.REVIEWER: "A reviewer or an admin can decide this."}
        hint = hints.get(role, "An admin can decide this.")
        raise Forbidden(f"Deciding this requires the role {role}.", hint=hint)


def _require_fresh_login(actor: Actor, action: Action) -> None:
    if registry.TYPES[action.type].needs_fresh_login and not actor.fresh_login:
        raise Forbidden(
            "Approving this requires your password.",
            hint="Re-enter your password under Settings, then approve.",
        )


def _require_second_approver(actor: Actor, action: Action) -> None:
    if rights.is_too_close(actor, action):
        raise Forbidden(
            "Requires a second approver: you requested or edited it.",
            hint=rights.who_decides(registry.TYPES[action.type], action.policy),
        )


def _check_fingerprint(action: Action, given: str) -> None:
    if given == action.fingerprint:
        return
    if Step.objects.filter(action=action, fingerprint=given).exists():
        last = Step.objects.filter(action=action, what="edited").order_by("-at").first()
        by = f" by {last.who} at {_hour(last.at)}" if last else ""
        raise Changed(f"The draft was changed{by} after it was shown.", hint="Read it again.")
    raise WrongFingerprint(
        "This fingerprint belongs to another action.",
        hint="Use the one that review_pending_actions or get_action returned with the card.",
    )


def _check_read(seen: Assessment, shown: str) -> None:
    """Require that messages since the draft were on the card."""
    if shown == drift.drift_ids(seen.unread):
        return
    said = " ".join(row.sentence for row in seen.unread)
    raise Changed(f"Since this was drafted: {said}", hint="Read it on the card, then approve.")


def _settle_others(actor: Actor, seen: Assessment, data: ApproveAction) -> None:
    """Require that other pending messages to the person were on the card and that the approval
    says: both, or this one instead (approvals-11).
    """
    found = seen.to_settle
    if not found:
        return
    if data.other is None or data.others != conflicts.conflict_ids(found):
        raise Changed(conflicts.SENTENCE, hint="Choose on the card: send both, or only this one.")
    if data.other == "both":
        return
    for other in found:
        refuse_if_tried(other)
        if other.status == Status.RUNNING:
            raise Conflict("The other message to this person is being sent right now.")
        transitions.move(
            actor,
            other,
            Status.CANCELLED,
            "superseded",
            detail=Detail.SUPERSEDED,
            facts={"by": str(seen.action.pk)},
            runs_at=None,
        )


def _check_nothing_stops(seen: Assessment) -> None:
    stop = checks.first(seen.findings, Force.STOPS)
    if stop is not None:
        raise Conflict(stop.sentence, hint="Reject it, or change the recipients.")


def _check_alive(action: Action) -> None:
    if action.expires_at and action.expires_at <= clock.now():
        raise Conflict("This draft has expired.", hint="Ask for a new draft.")


def _late(actor: Actor, action: Action, wanted: str) -> Decision:
    """Repeating one's decision gives the first answer; others are told who decided."""
    decision = action.decision or {}
    if action.decided_by_id == actor.user_id and decision.get("verdict") == wanted:
        return _decided(action, _VERDICTS[wanted], replayed=True)
    raise AlreadyDecided(already_sentence(action), hint="There is nothing left to decide.")


def already_sentence(action: Action) -> str:
    """Who decided, how and when; for the second caller."""
    last = Step.objects.filter(action=action, what__in=_ENDED_BY).order_by("-at", "-id").first()
    if last is not None:
        return f"{last.who} {_ENDED_BY[last.what]} this at {_hour(last.at)}."
    return f"This action is already {action.status.replace('_', ' ')}."


def decision_record(actor: Actor, verdict: str, fingerprint: str) -> dict[str, str]:
    """What is stored of a decision: what was decided, by whom, and how sure we are of that."""
    levels = {ActorKind.PERSON: "fresh login" if actor.fresh_login else "page"}
    return {
        "verdict": verdict,
        "fingerprint": fingerprint,
        "level": levels.get(actor.kind, "tool call"),
        "channel": actor.surface,
        "by": transitions.actor_label(actor),
    }


def _needs_person(actor: Actor, action: Action, why: str) -> Decision:
    return Decision(
        status="needs_person",
        action_id=str(action.pk),
        action_status=Status(action.status),
        confirm_url=confirm.link(actor, [(str(action.pk), action.fingerprint)]),
        why=why,
        next="Nothing was decided. Give the person confirm_url; they decide there.",
    )


def _decided(action: Action, verdict: str, *, replayed: bool = False) -> Decision:
    return Decision.model_validate(
        {
            "decision": verdict,
            "action_id": str(action.pk),
            "action_status": action.status,
            "status_detail": action.status_detail or None,
            "runs_at": action.runs_at if action.status in HELD else None,
            "undo_until": action.undo_until if action.status in HELD else None,
            "replayed": replayed or None,
            "next": status_sentence(action),
        }
    )


def status_sentence(action: Action) -> str:
    """The current state of the action, in one sentence."""
    match action.status:
        case Status.APPROVED | Status.AUTO_APPROVED if action.runs_at:
            return f"Approved. Will be sent at {_hour(action.runs_at)} unless undone; not sent yet."
        case Status.SCHEDULED if action.runs_at:
            return f"Approved. Will be sent at {_hour(action.runs_at)}; not sent yet."
        case Status.COMPLETED:
            return "Done."
        case Status.REJECTED:
            return "Rejected."
        case Status.CANCELLED:
            return "Stopped. It will not run."
        case _:
            return f"It is {action.status.replace('_', ' ')} now."


def _hour(moment: object) -> str:
    return f"{localtime(moment):%H:%M} UTC"  # type: ignore[arg-type]
