"""Times of the ledger: exactly at the second, and with a worker whose clock is wrong."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from approvals.models import Action
from approvals.sending import claim
from approvals.sending.deliver import LeaseLost, _begin
from approvals.sending.loop import run_on_time
from approvals.vocabulary import Status
from core import clock, clock_skew
from tests.team import Team, approve, make_team

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)
FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture
def team(db: None) -> Team:
    return make_team()


def approved(team: Team) -> Action:
    action_id = team.mail()
    approve(team.reviewer, action_id)
    return Action.objects.get(pk=action_id)


def is_due_at(moment: datetime) -> bool:
    with time_machine.travel(moment, tick=False):
        return claim.due().exists()


def test_a_message_is_due_at_its_second_and_not_before(team: Team) -> None:
    action = approved(team)
    ends = action.runs_at
    assert ends is not None
    assert action.undo_until == ends or action.undo_until is not None

    assert not is_due_at(ends - TICK)
    assert is_due_at(ends)


def test_a_lease_is_never_both_held_and_free(team: Team) -> None:
    """At the moment it ends it is neither: it can be neither started nor released."""
    action = approved(team)
    with time_machine.travel(action.runs_at or 0, tick=False):
        assert claim.claim(action, "first")
    ends = Action.objects.get(pk=action.pk).lease_until
    assert ends is not None

    def freed_at(moment: datetime) -> int:
        with time_machine.travel(moment, tick=False):
            return claim.recover_abandoned()

    def begins_at(moment: datetime) -> bool:
        with time_machine.travel(moment, tick=False):
            try:
                _begin(Action.objects.get(pk=action.pk), "first")
            except LeaseLost:
                return False
        return True

    assert freed_at(ends) == 0
    assert not begins_at(ends)
    assert freed_at(ends + TICK) == 1
    assert not begins_at(ends - TICK)  # it was released meanwhile


@pytest.mark.parametrize("off", [FIVE_MINUTES, -FIVE_MINUTES])
def test_a_worker_with_a_wrong_clock_begins_and_frees_nothing(
    team: Team, off: timedelta, settings: Any
) -> None:
    action = approved(team)
    Action.objects.filter(pk=action.pk).update(runs_at=clock.now() - 2 * FIVE_MINUTES)

    with time_machine.travel(clock.now() + off):
        assert abs(clock_skew.seconds_off() - off.total_seconds()) < 60
        assert run_on_time("astray") == 0

    assert Action.objects.get(pk=action.pk).status == Status.APPROVED
    # With the right one it would have begun: the refusal above was of the clock.
    assert run_on_time("right") == 1


def test_a_lease_is_not_taken_away_by_a_worker_that_is_ahead(team: Team) -> None:
    action = approved(team)
    Action.objects.filter(pk=action.pk).update(runs_at=clock.now())
    assert claim.claim(Action.objects.get(pk=action.pk), "first")

    with time_machine.travel(clock.now() + FIVE_MINUTES):
        run_on_time("ahead")

    assert Action.objects.get(pk=action.pk).lease_owner == "first"


def test_a_process_with_a_wrong_clock_is_not_ready(db: None) -> None:
    with time_machine.travel(clock.now() + FIVE_MINUTES):
        answer = Client().get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["database"] == "another clock"
    assert Client().get("/health/ready").status_code == 200
