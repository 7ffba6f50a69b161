"""Many clocks, requests and workers at the same time, on real transactions."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine

from agents.models import Agent, Proposed, Run, Target
from agents.services import run_executor, scheduling
from agents.services.deciding import Made, decide
from approvals.models import Action
from core.errors import Conflict
from jobs import execution
from tests.agents.shop import Shop, ask, make_shop
from tests.jobs.conftest import again, lease_ends
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = datetime(2026, 11, 23, 9, 0, 20, tzinfo=UTC)
NAMES = ("ana", "ben", "cleo", "dora")


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return make_shop()


def test_of_many_clocks_at_one_moment_one_starts_the_run(shop: Shop) -> None:
    with time_machine.travel(MONDAY - timedelta(hours=1), tick=False):
        agent_id = shop.agent(monitoring={"filter": shop.filter, "schedule_cron": "0 9 * * 1-5"})
    Agent.objects.filter(pk=agent_id).update(slots_from=MONDAY - timedelta(hours=1))

    with time_machine.travel(MONDAY, tick=False):
        answers, refusals = at_once([scheduling.start_due] * 4)

    assert (sorted(answers), refusals) == ([0, 0, 0, 1], [])
    assert Run.objects.count() == 1


def test_of_two_clocks_the_late_one_finds_the_slot_over_though_its_run_has_ended(
    shop: Shop,
) -> None:
    """The slow clock has read the agent before the fast one's run began, and ended."""
    with time_machine.travel(MONDAY - timedelta(hours=1), tick=False):
        agent_id = shop.agent(monitoring={"filter": shop.filter, "schedule_cron": "0 9 * * 1-5"})
    Agent.objects.filter(pk=agent_id).update(slots_from=MONDAY - timedelta(hours=1))
    seen = Agent.objects.get(pk=agent_id)

    with time_machine.travel(MONDAY, tick=False):
        assert scheduling.start_due() == 1
        assert execution.run_job(str(Run.objects.get().job_id))
        assert not scheduling._start(seen, MONDAY)

    assert Run.objects.count() == 1


def test_of_two_triggers_at_once_one_runs_and_the_other_hears_of_it(shop: Shop) -> None:
    shop.visitor()
    agent_id = shop.agent()

    answers, refusals = at_once(
        [partial(ask, actor, "agents.agent.trigger", agent_id=agent_id) for actor in two(shop)]
    )

    assert (len(answers), [type(refusal) for refusal in refusals]) == (1, [Conflict])
    assert refusals[0].as_dict()["job_id"] == answers[0]["job_id"]
    assert Run.objects.count() == 1


def test_of_two_workers_at_once_no_contact_gets_two_cards(shop: Shop) -> None:
    for name in NAMES:
        shop.visitor(name)
    started = ask(shop.member, "agents.agent.trigger", agent_id=shop.agent())

    answers, _ = at_once([partial(execution.run_job, started["job_id"])] * 2)

    assert sorted(answers) == [False, True]
    assert cards() == dict.fromkeys(NAMES, 1)


def test_a_worker_taken_for_dead_writes_nothing_more(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sleeps after a decision; meanwhile another worker takes over the run and ends it."""
    for name in NAMES:
        shop.visitor(name)
    started = ask(shop.member, "agents.agent.trigger", agent_id=shop.agent())
    sleeps = iter([True])

    def decide_and_sleep(*given: Any) -> Made:
        made = decide(*given)
        if next(sleeps, False):
            run = Run.objects.select_related("job").get()
            lease_ends(run.job)
            assert execution.run_job(started["job_id"])
            return replace(made, decision=replace(made.decision, summary="Thought of later."))
        return made

    monkeypatch.setattr(run_executor, "decide", decide_and_sleep)
    execution.run_job(started["job_id"])

    assert cards() == dict.fromkeys(NAMES, 1)
    assert Proposed.objects.count() == len(NAMES)
    assert not Target.objects.filter(summary="Thought of later.").exists()
    run = Run.objects.select_related("job").get()
    assert (again(run.job).status, again(run.job).crashes) == ("completed", 1)


def two(shop: Shop) -> list[Any]:
    """Two people who click at the same time."""
    return [shop.member, shop.reviewer]


def cards() -> dict[str, int]:
    """How many cards each contact has, by its first name."""
    rows = Action.objects.values_list("contact__firstname", flat=True)
    return dict(Counter(str(name).lower() for name in rows))
