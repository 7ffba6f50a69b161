"""Transitions: the only code that changes an action's status.

1. The table in vocabulary.py lists the allowed transitions and the details of each status.
2. A transition is a compare-and-set on status, version, lease and attempts: of two at once, one
   wins.
3. The step of the history, the audit row and attention items are written in the same transaction.
"""

from typing import Any

from approvals.attention import alerts
from approvals.models import Action, Step
from approvals.vocabulary import ENDED, STATUS_TABLE, TRANSITIONS, Detail, Status
from core import audit, clock
from core.actor import Actor
from core.errors import Conflict


def move(
    actor: Actor,
    action: Action,
    to: Status,
    what: str,
    *,
    detail: Detail = Detail.NONE,
    facts: dict[str, Any] | None = None,
    **changes: Any,
) -> Action:
    """Move an action, with further column changes; the caller holds the transaction.

    Raises Conflict when it was moved since it was read.
    """
    if to not in TRANSITIONS[Status(action.status)]:
        raise Conflict(f"An action that is {action.status} cannot become {to}.")
    if detail not in STATUS_TABLE[to][1]:
        raise RuntimeError(f"{to} does not carry {detail!r}")
    before, decider_id = Status(action.status), action.decided_by_id
    moment = clock.now()
    values = {"status": to, "status_detail": detail, "updated_at": moment, **changes}
    if to in ENDED:
        values["lane"] = None
    unchanged = Action.objects.filter(
        pk=action.pk,
        status=action.status,
        version=action.version,
        lease_owner=action.lease_owner,
        attempts=action.attempts,
    )
    if unchanged.update(**values) != 1:
        raise Conflict("Someone else changed this action first.", hint="Read the action again.")
    for name, value in values.items():
        setattr(action, name, value)
    record_step(actor, action, what, facts)
    alerts.follow_transition(actor, action, before, str(decider_id) if decider_id else None, what)
    return action


def record_step(
    actor: Actor, action: Action, what: str, facts: dict[str, Any] | None = None
) -> None:
    """Write a line of the action's history and its audit row."""
    Step.objects.create(
        workspace_id=action.workspace_id,
        action=action,
        at=clock.now(),
        who=actor_label(actor),
        what=what,
        status=action.status,
        status_detail=action.status_detail,
        fingerprint=action.fingerprint,
        facts=facts or {},
    )
    audit.record(
        actor,
        f"approvals.action.{what}",
        verdict=action.status,
        object_ids={"action_id": str(action.pk)},
        fields=[f"fingerprint:{action.fingerprint}"],
    )


def actor_label(actor: Actor) -> str:
    """The actor's name in the history: `Mia by Claude at claude.ai`."""
    if actor.client is None:
        return actor.name
    return f"{actor.name} by {actor.client.name} at {actor.client.host}"
