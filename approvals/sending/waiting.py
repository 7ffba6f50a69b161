"""Approved actions that can't go out yet: they wait, at most until their `send_by`.

A paused or removed channel: until an admin repairs it. A busy or broken provider: a growing delay,
or as long as it says. After an unknown outcome only a provider with idempotency keys is called
again, with the same key.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from approvals import registry
from approvals.ledger import transitions
from approvals.models import Action, Attempt
from approvals.sending import circuit_breaker
from approvals.vocabulary import Detail, Status
from core import clock
from core.actor import Actor
from core.db import unit
from identities.channels import AnyChannel
from identities.providers.contract import DeliveryUnknown, Executor, NotDone, TryLater

MOST_TRIES = 5
CHANNEL_LOOK = timedelta(seconds=60)
FIRST_WAIT = timedelta(seconds=15)
# Five waits of an hour end before a provider's keys expire (Resend: 24 hours).
LONGEST_WAIT = timedelta(hours=1)


def blocking_reason(action: Action, executor: Executor) -> tuple[Detail, datetime] | None:
    """Why it can't begin now, and when to check again; None when it can."""
    channel = channel_of(action, executor)
    if channel is None or channel.is_paused:
        return Detail.WAITING_CHANNEL, clock.now() + CHANNEL_LOOK
    until = circuit_breaker.open_until(channel)
    return (Detail.WAITING_PROVIDER, _spread(until)) if until else None


def channel_of(action: Action, executor: Executor) -> AnyChannel | None:
    """The channel it goes through."""
    return executor.channel(str(action.workspace_id), action.identity, action.rendered or {})


def postpone(actor: Actor, action: Action, detail: Detail, until: datetime, **facts: Any) -> None:
    """Release a claimed action until later; the caller holds the transaction."""
    was_decided = action.decided_by_id is not None
    transitions.move(
        actor,
        action,
        Status.APPROVED if was_decided else Status.AUTO_APPROVED,
        "waits",
        detail=detail,
        facts={"for": detail, **facts},
        lease_owner="",
        lease_until=None,
        runs_at=until,
    )


def may_try_again(action: Action, executor: Executor, outcome: NotDone) -> bool:
    """Whether this outcome is retried automatically."""
    if attempt_count(action) >= MOST_TRIES:
        return False
    again = isinstance(outcome, TryLater)
    return again or (isinstance(outcome, DeliveryUnknown) and executor.repeatable)


def next_try(action: Action, outcome: NotDone) -> datetime:
    """The time of the retry: as the provider says, else after a growing delay."""
    growing: timedelta = FIRST_WAIT * 4 ** max(attempt_count(action) - 1, 0)
    asked = outcome.after_seconds if isinstance(outcome, TryLater) else None
    wait = timedelta(seconds=asked) if asked else min(growing, LONGEST_WAIT)
    return _spread(clock.now() + wait)


def attempt_count(action: Action) -> int:
    """The number of attempts at the approved version."""
    return Attempt.objects.filter(action=action, fingerprint=action.fingerprint).count()


def retry_lost(actor: Actor, action: Action) -> bool:
    """Retry an action whose worker died in the call, with its key, where that is safe.

    Returns False when a person must settle it instead. The caller holds the transaction.
    """
    kind = registry.TYPES.get(action.type)
    outcome = DeliveryUnknown("The worker stopped while sending.")
    if kind is None or kind.executor is None:
        return False
    if not may_try_again(action, kind.executor, outcome):
        return False
    open_ones = Attempt.objects.filter(action=action, ended_at=None)
    open_ones.update(ended_at=clock.now(), outcome=Detail.OUTCOME_UNKNOWN)
    postpone(actor, action, Detail.WAITING_PROVIDER, next_try(action, outcome))
    return True


def report_outcome(channel: AnyChannel | None, outcome: NotDone) -> None:
    """Report an attempt to the breaker that the provider failed."""
    if channel is None or not isinstance(outcome, TryLater | DeliveryUnknown):
        return
    asked = outcome.after_seconds if isinstance(outcome, TryLater) else None
    with unit():
        circuit_breaker.note_trouble(channel, timedelta(seconds=asked) if asked else None)


def _spread(moment: datetime) -> datetime:
    """A random extra delay, so that waiting actions do not resume together."""
    left = max((moment - clock.now()).total_seconds(), 1.0)
    return moment + timedelta(milliseconds=secrets.randbelow(int(left * 250) + 1))
