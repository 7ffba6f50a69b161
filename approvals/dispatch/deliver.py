"""Doing one claimed action: check again, write the attempt, call, record."""

from typing import Any

import structlog

from approvals import drift, registry, timing
from approvals.dispatch.claim import dispatcher
from approvals.executors.base import DeliveryRefused, DeliveryUnknown, Executor, Receipt
from approvals.models import Action, Attempt
from approvals.queries import stops
from approvals.services import running, stopping, transitions
from approvals.vocabulary import Detail, Status
from core import clock
from core.actor import Actor
from core.db import unit
from core.errors import AppError

log = structlog.get_logger(__name__)


def deliver(action: Action, worker: str) -> None:
    """Carry out a claimed action, or put it where a person sees why not."""
    actor = dispatcher(action)
    reason = _hindrance(action)
    if reason is not None:
        with unit():
            _put_back(actor, action, *reason)
        return
    executor = registry.TYPES[action.type].executor
    try:
        if executor is None:
            _run_internal(actor, action)
        else:
            _send(actor, action, executor, worker)
    except Stopped:
        with unit():
            stopping.hold_back(actor, action)


def _hindrance(action: Action) -> tuple[Status, Detail, str] | None:
    """Why it must not begin, with where it goes instead; None when all is as approved."""
    requester = running.requester(action)
    if requester is None:
        return Status.CANCELLED, Detail.RIGHTS_LOST, "requester lost the right"
    if not running.decider_holds_rights(action):
        return Status.PENDING, Detail.NONE, "decider lost the right"
    if action.send_by and action.send_by <= clock.now():
        return Status.PENDING, Detail.OVERDUE, "overdue"
    if drift.redraft(requester, action).stops(action):
        return Status.PENDING, Detail.DRIFTED, "drifted"
    return None


def _put_back(actor: Actor, action: Action, status: Status, detail: Detail, what: str) -> None:
    ended: dict[str, Any] = {"lease_owner": "", "lease_until": None}
    changes = timing.undecided(action) if status is Status.PENDING else ended
    transitions.move(actor, action, status, what, detail=detail, **changes)
    log.info("dispatch.not_sent", action=str(action.pk), reason=what)


def _run_internal(actor: Actor, action: Action) -> None:
    """A record change whose time has come: the change and its record are one transaction."""
    requester = running.requester(action)
    try:
        with unit():
            _check_stop(action)
            running.finish(requester or actor, action)
    except AppError as error:
        with unit():
            transitions.move(
                actor,
                action,
                Status.FAILED,
                "failed",
                receipt={"sentence": error.message},
            )


def _send(actor: Actor, action: Action, executor: Executor, worker: str) -> None:
    attempt = _begin(action, worker)
    if action.identity is None or action.rendered is None:
        raise RuntimeError(f"{action.pk} has nothing to send")
    try:
        receipt = executor.deliver(action.identity, action.rendered, str(attempt.pk))
    except DeliveryRefused as error:
        answer = Receipt("", error.code, error.sentence)
        _record(actor, action, attempt, Status.FAILED, Detail.NONE, answer)
    except DeliveryUnknown:
        answer = Receipt("", "", "The connection broke while sending; nobody can tell.")
        _record(actor, action, attempt, Status.FAILED, Detail.OUTCOME_UNKNOWN, answer)
    else:
        _record(actor, action, attempt, Status.COMPLETED, Detail.NONE, receipt)


def _begin(action: Action, worker: str) -> Attempt:
    """Commit the attempt before the call; a frozen worker's lease is no longer its own."""
    with unit():
        _check_stop(action)
        number = action.attempts + 1
        held = Action.objects.filter(
            pk=action.pk,
            status=Status.RUNNING,
            lease_owner=worker,
            lease_until__gt=clock.now(),
            attempts=action.attempts,
            fingerprint=action.fingerprint,
        )
        if held.update(attempts=number) != 1:
            raise LeaseLost
        action.attempts = number
        return Attempt.objects.create(
            workspace_id=action.workspace_id,
            action=action,
            number=number,
            worker=worker,
            fingerprint=action.fingerprint,
            begun_at=clock.now(),
        )


def _check_stop(action: Action) -> None:
    """Nothing begins that a stop met since it was claimed, though it may be lifted again."""
    if stops.came_between(action, since=action.updated_at):
        raise Stopped


def _record(
    actor: Actor,
    action: Action,
    attempt: Attempt,
    status: Status,
    detail: Detail,
    receipt: Receipt,
) -> None:
    kept = {
        "provider_id": receipt.provider_id,
        "code": receipt.code,
        "sentence": receipt.sentence,
        "at": clock.iso(clock.now()),
    }
    with unit():
        Attempt.objects.filter(pk=attempt.pk).update(
            ended_at=clock.now(), outcome=detail or status, receipt=kept
        )
        what = "sent" if status is Status.COMPLETED else "failed"
        transitions.move(actor, action, status, what, detail=detail, receipt=kept, lease_owner="")
    log.info("dispatch.done", action=str(action.pk), status=status, detail=detail)


class Stopped(Exception):
    """The workspace was stopped after the claim; nothing was begun."""


class LeaseLost(Exception):
    """Another worker took over; this one must not send."""
