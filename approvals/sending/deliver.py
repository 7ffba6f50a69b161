"""Delivering one claimed action: check again, write the attempt, call, record."""

from typing import Any

import structlog

from approvals import registry
from approvals.drafting import checks, drift, timing
from approvals.drafting.assessment import Assessment
from approvals.drafting.checks import Finding, Force, Stage
from approvals.ledger import transitions
from approvals.models import Action, Attempt
from approvals.policy import rights
from approvals.sending import attempts, circuit_breaker, running, sent_mail, waiting
from approvals.sending.claim import dispatcher
from approvals.stopping import kill_switch, stops
from approvals.vocabulary import Detail, Status
from core import clock
from core.actor import Actor
from core.db import unit
from core.errors import AppError
from identities import channels, send_counters
from identities.channels import AnyChannel
from identities.providers.contract import (
    CredentialRefused,
    Delivery,
    DeliveryUnknown,
    Executor,
    NotDone,
    Receipt,
    TargetChanged,
    TryLater,
)

log = structlog.get_logger(__name__)


def deliver(action: Action, worker: str) -> None:
    """Carry out a claimed action, or show a person why not."""
    actor, held_by = dispatcher(action), running.rights_now(action)
    seen = Assessment(held_by.requester or actor, action, Stage.DISPATCH)
    reason = _hindrance(seen, held_by) or _finding(seen.findings)
    if reason is not None:
        if rights.may_have_gone_out(action):  # an attempted message cannot be recalled
            reason = Status.FAILED, Detail.OUTCOME_UNKNOWN, reason[2]
        with unit():
            _put_back(actor, action, *reason)
        return
    if not _is_deferred(actor, seen):
        _carry_out(actor, seen, worker)


def _carry_out(actor: Actor, seen: Assessment, worker: str) -> None:
    action = seen.action
    executor = registry.TYPES[action.type].executor
    try:
        if executor is None:
            _run_internal(actor, seen)
        else:
            _send(actor, action, executor, worker)
    except Stopped:
        with unit():
            kill_switch.hold_back(actor, action)
    except DaySpent:
        _is_deferred(actor, Assessment(seen.actor, action, Stage.DISPATCH))


def _finding(found: list[Finding]) -> tuple[Status, Detail, str] | None:
    """The same for findings of the checks: it is cancelled, or a person decides."""
    stop = checks.first(found, Force.STOPS)
    if stop is not None:
        return Status.CANCELLED, stop.detail, str(stop.detail)
    wait = checks.first(found, Force.QUEUES)
    return (Status.PENDING, Detail.NONE, "above the limit for one person") if wait else None


def _is_deferred(actor: Actor, seen: Assessment) -> bool:
    """Whether it must wait; then it was released until its time."""
    action, wait = seen.action, checks.latest(seen.findings)
    if wait is None or wait.until is None or rights.may_have_gone_out(action):
        return False
    with unit():
        waiting.postpone(actor, action, wait.detail, wait.until, sentence=wait.sentence)
    return True


def _hindrance(seen: Assessment, held_by: running.Rights) -> tuple[Status, Detail, str] | None:
    """Why it must not begin, and its next status; None when it matches the approval."""
    action = seen.action
    if held_by.requester is None:
        return Status.CANCELLED, Detail.RIGHTS_LOST, "requester lost the right"
    if not held_by.decider_may_run:
        return Status.PENDING, Detail.NONE, "decider lost the right"
    if action.send_by and action.send_by <= clock.now():
        return Status.PENDING, Detail.OVERDUE, "overdue"
    if seen.again.stops(action) or drift.unread_at_dispatch(action):
        return Status.PENDING, Detail.DRIFTED, "drifted"
    return None


def _put_back(
    actor: Actor, action: Action, status: Status, detail: Detail, what: str, **facts: Any
) -> None:
    ended: dict[str, Any] = {"lease_owner": "", "lease_until": None}
    changes = timing.undecided(action) if status is Status.PENDING else ended
    transitions.move(actor, action, status, what, detail=detail, **changes, **facts)
    log.info("dispatch.not_sent", action=str(action.pk), reason=what)


def _run_internal(actor: Actor, seen: Assessment) -> None:
    """A record change whose time has come: the change and its record are one transaction."""
    action = seen.action
    try:
        with unit():
            _check_stop(action)
            running.run_internal(seen.actor, action)
    except AppError as error:
        with unit():
            transitions.move(
                actor, action, Status.FAILED, "failed", receipt={"sentence": error.message}
            )


def _send(actor: Actor, action: Action, executor: Executor, worker: str) -> None:
    held = waiting.blocking_reason(action, executor)
    if held is not None:
        with unit():
            waiting.postpone(actor, action, *held)
        return
    attempt = _begin(action, worker)
    channel = waiting.channel_of(action, executor)
    try:
        receipt = executor.deliver(_delivery(action, attempt))
    except NotDone as outcome:
        _not_done(actor, action, attempt, executor, outcome)
        _note_outcome(channel, outcome)
    else:
        _record(actor, action, attempt, Status.COMPLETED, Detail.NONE, receipt)
        _note_success(channel)


def _delivery(action: Action, attempt: Attempt) -> Delivery:
    if action.rendered is None:
        raise RuntimeError(f"{action.pk} has nothing to send")
    return Delivery(
        workspace_id=str(action.workspace_id),
        identity=action.identity,
        message=action.rendered,
        attempt_id=str(attempt.pk),
        key=f"{action.pk}-{action.fingerprint}",
        audience=(action.decision or {}).get("audience"),
    )


def _not_done(
    actor: Actor, action: Action, attempt: Attempt, executor: Executor, outcome: NotDone
) -> None:
    """Record an unsuccessful attempt: it waits, or it has failed."""
    answer = Receipt("", outcome.code, outcome.sentence)
    is_unknown = isinstance(outcome, DeliveryUnknown)
    detail = Detail.OUTCOME_UNKNOWN if is_unknown else Detail.NONE
    if isinstance(outcome, TargetChanged):
        _come_back(actor, action, attempt, answer)
        return
    if isinstance(outcome, CredentialRefused):
        later = Detail.WAITING_CHANNEL, clock.now() + waiting.CHANNEL_LOOK
    elif waiting.may_try_again(action, executor, outcome):
        later = Detail.WAITING_PROVIDER, waiting.next_try(action, outcome)
    elif rights.may_have_gone_out(action):  # an earlier attempt: this refusal does not settle it
        _record(actor, action, attempt, Status.FAILED, Detail.OUTCOME_UNKNOWN, answer)
        return
    else:
        _record(actor, action, attempt, Status.FAILED, detail, answer)
        return

    def wait() -> None:
        _end(attempt, detail or "not_sent", _kept(answer))
        waiting.postpone(actor, action, *later, sentence=outcome.sentence)

    attempts.commit_now(action, attempt, wait)
    log.info("dispatch.waits", action=str(action.pk), detail=later[0])


def _come_back(actor: Actor, action: Action, attempt: Attempt, answer: Receipt) -> None:
    """Return it to a person: it no longer matches the approval."""

    def write() -> None:
        _end(attempt, "not_sent", _kept(answer))
        _put_back(actor, action, Status.PENDING, Detail.DRIFTED, "drifted", receipt=_kept(answer))

    attempts.commit_now(action, attempt, write)


def _note_outcome(channel: AnyChannel | None, outcome: NotDone) -> None:
    waiting.report_outcome(channel, outcome)
    if channel is None:
        return
    if isinstance(outcome, CredentialRefused):
        channels.note_failure(channel, outcome.sentence)
    elif isinstance(outcome, DeliveryUnknown | TryLater):
        channels.note_trouble(channel, outcome.sentence)


def _note_success(channel: AnyChannel | None) -> None:
    if channel is None:
        return
    channels.note_success(channel)
    with unit():
        circuit_breaker.note_success(channel)


def _begin(action: Action, worker: str) -> Attempt:
    """Commit the attempt before the call; a frozen worker has lost its lease."""
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
        _count(action)
        return Attempt.objects.create(
            workspace_id=action.workspace_id,
            action=action,
            number=number,
            worker=worker,
            fingerprint=action.fingerprint,
            begun_at=clock.now(),
        )


def _count(action: Action) -> None:
    """Count it for its sender, once; only one of two workers may send a day's last message."""
    identity = action.identity
    if identity is None or (action.attempts > 1 and waiting.attempt_count(action)):
        return
    number = send_counters.count_one(identity, action.type)
    if number > send_counters.daily_limits(identity).get(action.type, number):
        raise DaySpent


def _check_stop(action: Action) -> None:
    """Nothing begins if a stop occurred since the claim, even if it was lifted."""
    if stops.came_between(action, since=action.updated_at):
        raise Stopped


def _record(
    actor: Actor, action: Action, attempt: Attempt, status: Status, detail: Detail, receipt: Receipt
) -> None:
    kept = _kept(receipt)

    def write() -> None:
        _end(attempt, detail or status, kept)
        what = "sent" if status is Status.COMPLETED else "failed"
        transitions.move(actor, action, status, what, detail=detail, receipt=kept, lease_owner="")
        if status is Status.COMPLETED:
            sent_mail.store(actor, action, receipt.provider_id)

    attempts.commit_now(action, attempt, write)
    log.info("dispatch.done", action=str(action.pk), status=status, detail=detail)


def _kept(receipt: Receipt) -> dict[str, Any]:
    """A receipt as stored; the provider's text is separate and marked external."""
    kept = {
        "provider_id": receipt.provider_id,
        "code": receipt.code,
        "sentence": receipt.sentence,
        "at": clock.iso(clock.now()),
    }
    return kept | ({"external": receipt.external} if receipt.external else {})


def _end(attempt: Attempt, outcome: str, kept: dict[str, Any]) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(
        ended_at=clock.now(), outcome=outcome, receipt=kept
    )


class DaySpent(Exception):
    """The sender's daily limit is used up; nothing was begun."""


class Stopped(Exception):
    """The workspace was stopped after the claim; nothing was begun."""


class LeaseLost(Exception):
    """Another worker took over; this one must not send."""
