"""After the decision: hold messages for their undo window, run internal types at once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from accounts import actors
from approvals import registry
from approvals.drafting import checks, timing
from approvals.drafting.assessment import Assessment
from approvals.drafting.checks import Subject
from approvals.ledger import transitions
from approvals.models import Action
from approvals.vocabulary import Detail, Status
from core import clock
from core.access import Role
from core.actor import Actor, ActorKind, Client
from core.outcomes import Effected
from core.schemas import validated


def let_through(
    actor: Actor, seen: Assessment, status: Status, what: str, hold_seconds: int, **changes: Any
) -> Action:
    """Approve an action: a message is held for its undo window, a record change runs now.

    The caller holds the transaction.
    """
    action, moment = seen.action, clock.now()
    held_until = moment + timedelta(seconds=hold_seconds)
    scheduled = action.scheduled_time
    is_later = scheduled is not None and scheduled > held_until
    if registry.TYPES[action.type].executor is None and not is_later:
        transitions.move(actor, action, status, what, **changes)
        return run_now(actor, action)
    then = seen.subject.at(held_until, changes.get("decision")) if seen.subject else None
    wait = None if is_later else checks.wait_of(then)
    runs_at = max(held_until, scheduled or held_until)
    return transitions.move(
        actor,
        action,
        Status.SCHEDULED if is_later else status,
        what,
        detail=wait.detail if wait else Detail.NONE if is_later else Detail.UNDO_WINDOW,
        runs_at=max(runs_at, wait.until) if wait and wait.until else runs_at,
        undo_until=moment + timedelta(seconds=timing.shown_window(hold_seconds)),
        send_by=timing.send_by(moment, scheduled, action.identity),
        lane=None if wait and wait.detail == Detail.WAITING_LANE else _lane(then, runs_at),
        **changes,
    )


def _lane(subject: Subject | None, runs_at: datetime) -> str | None:
    """The person whose lane an agent's message holds while it is under way (approvals-11)."""
    if subject is None or subject.shares_lane or subject.is_answer:
        return None
    is_soon = runs_at <= clock.now() + checks.LANE_AHEAD
    return subject.person if is_soon and subject.requester_kind == ActorKind.AGENT else None


def run_now(actor: Actor, action: Action) -> Action:
    """Run an internal type's operation and complete the action, in the caller's transaction."""
    transitions.move(actor, action, Status.RUNNING, "begun")
    return run_internal(actor, action)


def run_internal(actor: Actor, action: Action) -> Action:
    """Run a claimed internal action's operation and complete it, in the caller's transaction."""
    kind = registry.TYPES[action.type]
    data = validated(kind.declared.schema, action.params)
    effected = kind.declared.perform(as_requester(actor, action), data)
    return transitions.move(
        actor,
        action,
        Status.COMPLETED,
        "done",
        lease_owner="",
        result=effected.resource,
        previous=effected.previous,
        inverse=effected.inverse.model_dump(mode="json") if effected.inverse else None,
        **_made(action, effected),
    )


def _made(action: Action, effected: Effected) -> dict[str, Any]:
    """The record that a creating action has created."""
    made = {
        f"{noun}_id": effected.resource[noun][f"{noun}_id"]
        for noun in ("contact", "company")
        if noun in effected.resource
    }
    return {column: pk for column, pk in made.items() if getattr(action, column) is None}


def as_requester(actor: Actor, action: Action) -> Actor:
    """The author of the content: the requester, perhaps an assistant, with the rights of the person
    who lets it run; the decider is in the history.
    """
    return replace(
        actor,
        kind=ActorKind(action.requester_kind),
        name=action.requester_name,
        user_id=str(action.requested_by_id) if action.requested_by_id else None,
        client=Client(**action.client) if action.client else None,
        agent_id=action.agent_id,
        run_id=action.run_id,
        tainted=bool(action.drafted_on.get("taint")),
    )


@dataclass(frozen=True, slots=True)
class Rights:
    """The current rights that an action depends on.

    `requester` is None when the requester's rights no longer suffice to propose it.
    `decider_may_run` says whether the decider, or the requester if there was no decision, may still
    run it.
    """

    requester: Actor | None
    decider_may_run: bool


def rights_now(action: Action) -> Rights:
    """Both, in one statement."""
    op = registry.TYPES[action.type].declared
    asked_by, decided_by = _text(action.requested_by_id), _text(action.decided_by_id)
    members = actors.memberships_in(str(action.workspace_id), [asked_by, decided_by])
    asker = members.get(asked_by or "")
    ceiling = Role(action.grant_role)
    requester = actors.as_stored(asker, role_ceiling=ceiling) if asker else None
    if requester is None or not requester.has_role(op.propose_role):
        return Rights(None, decider_may_run=False)
    if decided_by is None:
        return Rights(requester, decider_may_run=requester.has_role(op.run_role))
    decider = members.get(decided_by)
    may_run = decider is not None and Role(decider.role).includes(op.run_role)
    return Rights(requester, decider_may_run=may_run)


def _text(pk: str | None) -> str | None:
    return str(pk) if pk else None
