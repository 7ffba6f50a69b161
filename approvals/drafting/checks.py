"""Checks of a message other than policy: one list, each run at every stage.

A check is a function that inspects a message and returns a finding or nothing. All findings have
the same consequences (approvals-1): they may stop an agent; a person sees them before the decision.
A finding's force:

- `stops`: at proposal an app is refused and a person gets a card; it can't be approved; right
  before the call it is cancelled.
- `queues`: a person must read it before it goes out.
- `defers`: it goes out later by itself; it is never dropped.
- `says`: it is shown on the card.
"""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

from django.db.models import Count
from django.utils.timezone import localtime

from approvals import registry
from approvals.drafting import conflicts, open_hours
from approvals.drafting.drafts import Draft
from approvals.models import Action, Recipient
from approvals.policy import versions
from approvals.suppression import lookup
from approvals.vocabulary import HELD, Detail, Status
from core import clock
from core.actor import ActorKind
from identities import send_counters
from identities.models import Identity

LANE_LOOK = timedelta(minutes=1)
LANE_AHEAD = timedelta(hours=24)


class Stage(StrEnum):
    """The moment of a check."""

    PROPOSAL = "proposal"
    APPROVAL = "approval"
    DISPATCH = "dispatch"


class Force(StrEnum):
    """The force of a finding."""

    STOPS = "stops"
    QUEUES = "queues"
    DEFERS = "defers"
    SAYS = "says"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check: our sentence and its force."""

    sentence: str
    force: Force
    detail: Detail = Detail.NONE
    until: datetime | None = None


@dataclass
class Subject:
    """A drafted or stored message as input of the checks; each fact is read once."""

    workspace_id: str
    type: str
    addresses: tuple[str, ...]
    identity: Identity | None
    moment: datetime
    requester_kind: str
    action_id: str | None = None
    contact_id: str | None = None
    is_decided: bool = False
    shares_lane: bool = False
    is_answer: bool = False

    @cached_property
    def person(self) -> str:
        """The recipient in terms of lanes: the contact, or else the first address."""
        return self.contact_id or next(iter(self.addresses), "")

    @cached_property
    def others(self) -> list[Action]:
        """Other messages to the person that were waiting or under way at the first read."""
        found = conflicts.other_messages(
            self.workspace_id, self.contact_id, self.addresses, but=self.action_id
        )
        return list(found)

    @cached_property
    def sent_today(self) -> int:
        """The number of messages of this type that the sender sent today."""
        return send_counters.sent_today(self.identity, self.type) if self.identity else 0

    def at(self, moment: datetime, decision: dict[str, Any] | None) -> Self:
        """The same message at a later moment, with the coming decision."""
        later = copy(self)
        later.moment = moment
        if decision is not None:
            later.shares_lane = _shares_lane(decision)
        return later


Check = Callable[[Subject, Stage], Finding | None]


def of_draft(workspace_id: str, draft: Draft, requester_kind: str) -> Subject | None:
    """A draft as a subject; None for internal types."""
    if draft.rendered is None:
        return None
    return Subject(
        workspace_id=workspace_id,
        type=draft.kind.name,
        addresses=tuple(row.address for row in draft.rendered.addressees),
        identity=draft.identity,
        moment=clock.now(),
        requester_kind=requester_kind,
        contact_id=str(draft.contact.pk) if draft.contact else None,
        is_answer=conflicts.is_answer(draft.params),
    )


def of_action(action: Action, addresses: Iterable[str]) -> Subject | None:
    """A stored action as a subject; None for internal types."""
    if action.rendered is None or registry.TYPES[action.type].executor is None:
        return None
    return Subject(
        workspace_id=str(action.workspace_id),
        type=action.type,
        addresses=tuple(addresses),
        identity=action.identity,
        moment=clock.now(),
        requester_kind=action.requester_kind,
        action_id=str(action.pk),
        contact_id=str(action.contact_id) if action.contact_id else None,
        is_decided=action.decided_by_id is not None,
        shares_lane=_shares_lane(action.decision),
        is_answer=conflicts.is_answer(action.params),
    )


def findings(subject: Subject | None, stage: Stage) -> list[Finding]:
    """The findings at this stage, in the order of the list."""
    return _found(CHECKS, subject, stage)


def wait_of(subject: Subject | None) -> Finding | None:
    """The finding that would delay it at its moment."""
    return latest(_found(DEFERRING, subject, Stage.APPROVAL))


def first(found: Iterable[Finding], force: Force) -> Finding | None:
    """The first finding of this force."""
    return next((row for row in found if row.force is force), None)


def latest(found: Iterable[Finding]) -> Finding | None:
    """The deferring finding that lasts longest."""
    deferring = [row for row in found if row.force is Force.DEFERS and row.until]
    return max(deferring, key=lambda row: row.until or clock.now(), default=None)


def is_suppressed(subject: Subject, _: Stage) -> Finding | None:
    """The address unsubscribed, bounced, complained, or was added by a person."""
    listed = lookup.suppressed_among(subject.workspace_id, subject.addresses)
    if not listed:
        return None
    said = "; ".join(f"{address} {why}" for address, why in listed.items())
    return Finding(
        f"Suppressed: {said}. An admin can remove it from the suppression list.",
        Force.STOPS,
        Detail.SUPPRESSED,
    )


def is_capped(subject: Subject, stage: Stage) -> Finding | None:
    """The person recently got as many messages as may go out without a decision on each."""
    if not subject.addresses or (stage is Stage.DISPATCH and subject.is_decided):
        return None
    policy = versions.current(subject.workspace_id)
    numbers = _numbers(subject, stage, subject.moment - timedelta(days=policy.cap_days))
    for address in subject.addresses:
        number = numbers.get(address, 0)
        if number >= policy.cap_messages:
            return Finding(
                f"{address} has {number} sent or pending messages in {policy.cap_days} days; from "
                f"{policy.cap_messages} on, each needs approval.",
                Force.QUEUES,
            )
    return None


def is_quiet(subject: Subject, _: Stage) -> Finding | None:
    """The time is outside the sender's open hours."""
    identity = subject.identity
    if identity is None:
        return None
    opens = open_hours.next_open(identity, send_counters.zone_of(identity), subject.moment)
    if opens <= subject.moment:
        return None
    return Finding(
        f"Quiet hours of {identity}: it will be sent at {_hour(opens)}.",
        Force.DEFERS,
        Detail.WAITING_QUIET_HOURS,
        opens,
    )


def is_spent(subject: Subject, _: Stage) -> Finding | None:
    """The sender's daily limit is used up."""
    identity = subject.identity
    limit = send_counters.daily_limits(identity).get(subject.type) if identity else None
    if identity is None or limit is None or subject.sent_today < limit:
        return None
    zone = send_counters.zone_of(identity)
    opens = open_hours.next_open(identity, zone, clock.midnight_in(zone) + timedelta(days=1))
    if opens <= subject.moment:
        return None
    return Finding(
        f"{identity} reached the daily limit of {limit}: it will be sent at {_hour(opens)}.",
        Force.DEFERS,
        Detail.WAITING_DAILY_LIMIT,
        opens,
    )


def is_too_soon(subject: Subject, _: Stage) -> Finding | None:
    """The sender's minimum gap between two messages is not over."""
    identity = subject.identity
    if identity is None or not identity.minimum_gap_seconds:
        return None
    last = send_counters.last_sent_at(identity)
    over = last + timedelta(seconds=identity.minimum_gap_seconds) if last else subject.moment
    if over <= subject.moment:
        return None
    return Finding(
        f"{identity} leaves a gap between messages: it will be sent at {_hour(over)}.",
        Force.DEFERS,
        Detail.WAITING_DAILY_LIMIT,
        over,
    )


def is_in_lane(subject: Subject, stage: Stage) -> Finding | None:
    """Another message to the person is waiting or under way: agents send one at a time, and replies
    go first.
    """
    if stage is Stage.PROPOSAL:  # there is no card yet
        return None
    if not subject.others:
        return None
    is_agents = subject.requester_kind == ActorKind.AGENT
    is_bound = is_agents and not subject.shares_lane and not subject.is_answer
    if is_bound and _waits_for_another(subject):
        return Finding(
            "Another message to this person is sent first.",
            Force.DEFERS,
            Detail.WAITING_LANE,
            subject.moment + LANE_LOOK,
        )
    return Finding(conflicts.SENTENCE, Force.SAYS)


DEFERRING: tuple[Check, ...] = (is_quiet, is_spent, is_too_soon, is_in_lane)
CHECKS: tuple[Check, ...] = (is_suppressed, is_capped, *DEFERRING)


def _found(listed: Iterable[Check], subject: Subject | None, stage: Stage) -> list[Finding]:
    if subject is None:
        return []
    return [found for check in listed if (found := check(subject, stage)) is not None]


def _shares_lane(decision: dict[str, Any] | None) -> bool:
    return (decision or {}).get("other") == "both"


def _numbers(subject: Subject, stage: Stage, since: datetime) -> dict[str, int]:
    """The number of other messages per address since then, with those due before the call."""
    coming = [] if stage is Stage.DISPATCH else HELD
    rows = Recipient.objects.filter(
        workspace_id=subject.workspace_id,
        address__in=subject.addresses,
        action__status__in=[Status.COMPLETED, Status.RUNNING, *coming],
        action__rendered__isnull=False,
        action__updated_at__gte=since,
    )
    if subject.action_id:
        rows = rows.exclude(action=subject.action_id)
    return dict(rows.values_list("address").annotate(Count("pk")).order_by())


def _waits_for_another(subject: Subject) -> bool:
    """Whether another message holds the lane, or is a reply due soon.

    Messages that this decision has just cancelled no longer hold it.
    """
    coming = [row for row in subject.others if row.status in {*HELD, Status.RUNNING}]
    soon = subject.moment + LANE_AHEAD
    return any(
        row.lane is not None
        or (conflicts.is_answer(row.params) and (row.runs_at is None or row.runs_at <= soon))
        for row in coming
    )


def _hour(moment: datetime) -> str:
    return f"{localtime(moment):%H:%M} UTC on {localtime(moment):%-d %b}"
