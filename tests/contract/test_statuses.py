"""The table of approvals-3, generated from code; no other transition exists."""

from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from approvals import registry
from approvals.ledger import transitions
from approvals.models import Action
from approvals.vocabulary import ENDED, HELD, STATUS_TABLE, TRANSITIONS, Detail, Status
from core import clock
from core.actor import Actor
from core.errors import Conflict
from core.models import AuditEntry
from tests import factories

GOLDEN = """\
scheduled: allowed, with a send time in the future ()
pending_approval: waiting for a person (drifted, held_by_stop, overdue)
approved: approved and held (undo_window, waiting_channel, waiting_daily_limit, waiting_lane, \
waiting_provider, waiting_quiet_hours)
auto_approved: allowed without approval, and held (undo_window, waiting_channel, \
waiting_daily_limit, waiting_lane, waiting_provider, waiting_quiet_hours)
rejected: rejected ()
running: claimed ()
completed: done ()
failed: did not succeed (bounced, outcome_unknown)
cancelled: will not run (expired, rights_lost, superseded, suppressed, undone, \
withdrawn)
"""

MOVES = """\
scheduled > scheduled pending_approval approved auto_approved running cancelled
pending_approval > scheduled pending_approval approved auto_approved rejected cancelled
approved > pending_approval approved running cancelled
auto_approved > pending_approval auto_approved running cancelled
rejected >
running > scheduled pending_approval approved auto_approved completed failed cancelled
completed > completed failed
failed > approved completed failed
cancelled >
"""
UNLISTED = [(one, other) for one, other in product(Status, Status) if other not in TRANSITIONS[one]]


def an_action(status: Status) -> Action:
    place = factories.workspace()
    moment = clock.now()
    return Action.objects.create(
        workspace=place,
        type="update_contact",
        params={},
        status=status,
        fingerprint="0" * 32,
        requester_kind="person",
        requester_name="Mia",
        surface="dashboard",
        grant_role="member",
        created_at=moment,
        updated_at=moment,
    )


def test_the_statuses_and_their_details_are_the_table() -> None:
    lines = [
        f"{status}: {STATUS_TABLE[status][0]} "
        f"({', '.join(sorted(detail for detail in STATUS_TABLE[status][1] if detail))})"
        for status in Status
    ]

    assert "\n".join(lines) + "\n" == GOLDEN


def test_every_status_but_cancelled_also_stands_without_a_detail() -> None:
    bare = {status for status in Status if Detail.NONE in STATUS_TABLE[status][1]}

    assert bare == set(Status) - {Status.CANCELLED}


def test_the_moves_are_these() -> None:
    lines = [
        " ".join([status, ">", *(other for other in Status if other in TRANSITIONS[status])])
        for status in Status
    ]

    assert "\n".join(lines) + "\n" == MOVES


def test_every_status_waits_is_held_runs_or_has_ended() -> None:
    assert {Status.PENDING, Status.RUNNING} | HELD | ENDED == set(Status)
    assert not HELD & ENDED


@pytest.mark.django_db
@pytest.mark.parametrize(("one", "other"), UNLISTED, ids=lambda status: str(status))
def test_a_move_that_is_not_listed_is_refused_and_leaves_no_trace(
    one: Status, other: Status
) -> None:
    action = an_action(one)
    actor = Actor.for_job("test", str(action.workspace_id))

    with pytest.raises(Conflict):
        transitions.move(actor, action, other, "moved", detail=_a_detail(other))

    assert Action.objects.get(pk=action.pk).status == one
    assert not action.steps.exists()
    assert not AuditEntry.objects.filter(workspace_id=action.workspace_id).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("status", Status, ids=str)
def test_a_status_does_not_take_a_detail_of_another_one(status: Status) -> None:
    action = an_action(next(start for start in Status if status in TRANSITIONS[start]))
    actor = Actor.for_job("test", str(action.workspace_id))

    for detail in set(Detail) - STATUS_TABLE[status][1]:
        with pytest.raises(RuntimeError):
            transitions.move(actor, action, status, "moved", detail=detail)
    assert not action.steps.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "elsewhere",
    [{"status": "cancelled"}, {"version": 7}, {"lease_owner": "other"}, {"attempts": 1}],
    ids=lambda change: next(iter(change)),
)
def test_a_move_from_an_old_copy_is_refused(elsewhere: dict[str, Any]) -> None:
    action = an_action(Status.APPROVED)
    Action.objects.filter(pk=action.pk).update(**elsewhere)
    actor = Actor.for_job("test", str(action.workspace_id))

    with pytest.raises(Conflict, match="changed this action first"):
        transitions.move(actor, action, Status.RUNNING, "claimed")

    assert not action.steps.exists()


@pytest.mark.django_db
def test_the_database_refuses_a_status_that_is_none() -> None:
    action = an_action(Status.PENDING)

    with pytest.raises(IntegrityError), transaction.atomic():
        Action.objects.filter(pk=action.pk).update(status="sent")


def _a_detail(status: Status) -> Detail:
    return min(STATUS_TABLE[status][1])


def test_no_two_action_types_read_alike_in_a_filter() -> None:
    labels = [known.label for known in registry.TYPES.values()]

    assert len(labels) == len(set(labels))
