"""Schedules: every slot once, missed ones once, none during a stop."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from agents import schedules
from agents.models import Agent, Run
from agents.services import scheduling
from approvals.stopping import kill_switch
from core.access import Role
from jobs import execution
from tests import factories
from tests.agents.shop import Shop, ask

MONDAY = datetime(2026, 11, 23, 9, 0, 20, tzinfo=UTC)


@pytest.fixture
def agent_id(shop: Shop) -> str:
    with time_machine.travel(MONDAY - timedelta(hours=1), tick=False):
        made = shop.agent(monitoring={"filter": shop.filter, "schedule_cron": "0 9 * * 1-5"})
    Agent.objects.filter(pk=made).update(slots_from=MONDAY - timedelta(hours=1))
    return made


def tick(moment: datetime) -> int:
    with time_machine.travel(moment, tick=False):
        return scheduling.start_due()


def test_a_slot_starts_one_run_however_often_the_clock_looks(agent_id: str) -> None:
    assert tick(MONDAY - timedelta(minutes=1)) == 0
    assert tick(MONDAY) == 1
    assert tick(MONDAY + timedelta(seconds=30)) == 0

    run = Run.objects.get()
    assert run.slot == MONDAY.replace(second=0)
    assert run.requester_kind == "job"


def test_missed_slots_are_caught_up_once(agent_id: str) -> None:
    thursday = MONDAY + timedelta(days=3)

    assert [tick(thursday), tick(thursday)] == [1, 0]
    assert Run.objects.get().slot == thursday.replace(second=0)


def test_the_slot_is_the_workspaces_time(shop: Shop, agent_id: str) -> None:
    shop.place.time_zone = "America/New_York"
    shop.place.save()

    assert tick(MONDAY + timedelta(hours=4)) == 0
    assert tick(MONDAY + timedelta(hours=5)) == 1


def test_a_slot_in_a_stop_is_not_caught_up(shop: Shop, agent_id: str) -> None:
    with time_machine.travel(MONDAY - timedelta(minutes=5), tick=False):
        kill_switch.stop(shop.admin)
    with time_machine.travel(MONDAY + timedelta(minutes=5), tick=False):
        kill_switch.resume(shop.admin.with_fresh_login())

    assert tick(MONDAY + timedelta(minutes=6)) == 0
    assert tick(MONDAY + timedelta(days=1)) == 1


def test_one_that_is_off_does_not_run(agent_id: str) -> None:
    Agent.objects.update(enabled=False)

    assert tick(MONDAY) == 0


def test_switching_it_on_does_not_catch_up_what_was_before(shop: Shop, agent_id: str) -> None:
    Agent.objects.update(enabled=False)
    with time_machine.travel(MONDAY + timedelta(hours=1), tick=False):
        ask(shop.admin, "agents.agent.update", agent_id=agent_id, enabled=True)

    assert tick(MONDAY + timedelta(hours=2)) == 0
    assert tick(MONDAY + timedelta(days=1)) == 1


def test_a_slot_while_its_run_is_at_work_is_left_out(agent_id: str) -> None:
    tick(MONDAY)

    assert tick(MONDAY + timedelta(days=1)) == 0
    assert execution.run_job(str(Run.objects.get().job_id))
    assert tick(MONDAY + timedelta(days=1, minutes=1)) == 0
    assert tick(MONDAY + timedelta(days=2)) == 1


def test_an_owner_without_rights_switches_it_off(shop: Shop, agent_id: str) -> None:
    factories.member(shop.place, "Boss", Role.ADMIN)
    shop.alice.role = Role.MEMBER
    shop.alice.save()

    assert tick(MONDAY) == 0
    assert not Agent.objects.get().enabled


def test_a_clock_change_neither_doubles_nor_loses_the_day() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    found = [
        schedules.last_slot("30 2 * * *", berlin, datetime(2026, 3, day, 2, tzinfo=UTC), moment)
        for day, moment in (
            (27, datetime(2026, 3, 28, 12, tzinfo=UTC)),
            (28, datetime(2026, 3, 29, 12, tzinfo=UTC)),
            (29, datetime(2026, 3, 30, 12, tzinfo=UTC)),
        )
    ]

    assert [slot.day for slot in found if slot] == [28, 29, 30]
