"""A run: its reads and proposals, and no proposal twice."""

from datetime import timedelta

import pytest

from agents.models import Agent, Proposed, Run, Target
from agents.services import deciding, proposing, run_executor
from approvals.models import Action, Attention
from approvals.stopping import kill_switch
from approvals.vocabulary import Status
from core import clock
from core.access import Role
from core.errors import Conflict, NotFound, ValidationFailed
from jobs import execution
from jobs.models import Job
from jobs.tasks import clean_up
from tests import factories
from tests.agents.shop import Shop, ask
from tests.jobs.conftest import lease_ends


def test_a_run_proposes_for_who_looked_at_prices_and_sends_nothing(shop: Shop) -> None:
    ana, ben = shop.visitor("ana"), shop.visitor("ben", lifecyclestage="customer")
    agent_id = shop.agent()

    run = shop.run(agent_id)

    assert run.job.status == "completed"
    card = Action.objects.get(type="email_message")
    assert (card.status, card.contact_id, str(card.agent_id)) == (
        Status.PENDING,
        ana.pk,
        agent_id,
    )
    assert str(card.run_id) == str(run.pk)
    events = set(ana.events.values_list("pk", flat=True))
    assert set(card.evidence) & set(map(str, events))
    full = ask(shop.viewer, "agents.run.get", run_id=str(run.pk), mode="full")["run"]
    by_contact = {row["contact_id"]: row for row in full["contacts"]}
    assert by_contact[str(ana.pk)]["actions"][0]["action_id"] == str(card.pk)
    assert by_contact[str(ana.pk)]["actions"][0]["action_status"] == "pending_approval"
    assert not by_contact[str(ben.pk)]["actions"]
    assert by_contact[str(ben.pk)]["reasoning"]
    assert full["counts"] == {"contacts": 2, "proposals": 1, "nothing": 1, "failed": 0}


def test_what_it_read_from_outside_taints_the_card(shop: Shop) -> None:
    ana = shop.visitor()

    shop.run(shop.agent())

    card = Action.objects.get()
    read = card.drafted_on["taint"]["objects"]
    assert set(read) >= set(map(str, ana.events.values_list("pk", flat=True)))


def test_it_is_found_by_its_job_too(shop: Shop) -> None:
    run = shop.run(shop.agent())

    answer = ask(shop.viewer, "agents.run.get", run_id=str(run.job_id))

    assert answer["run"]["run_id"] == str(run.pk)


def test_one_that_was_killed_goes_on_and_proposes_nothing_twice(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ana", "ben", "cleo"):
        shop.visitor(name)
    started = ask(shop.member, "agents.agent.trigger", agent_id=shop.agent())

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(proposing, "_keep", killed)
        with pytest.raises(KeyboardInterrupt):
            execution.run_job(started["job_id"])
    assert Action.objects.count() == 1
    assert not Proposed.objects.exists()
    lease_ends(Job.objects.get())

    assert execution.run_job(started["job_id"])

    assert Action.objects.count() == Proposed.objects.count() == 3
    assert Target.objects.filter(state="done").count() == 3


def test_a_cancelled_run_proposes_nothing_more(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ana", "ben", "cleo"):
        shop.visitor(name)
    started = ask(shop.admin, "agents.agent.trigger", agent_id=shop.agent())
    real = proposing._keep

    def cancelled(*args: object) -> None:
        real(*args)  # type: ignore[arg-type]
        ask(shop.admin, "jobs.job.cancel", job_id=started["job_id"])

    monkeypatch.setattr(proposing, "_keep", cancelled)
    execution.run_job(started["job_id"])

    assert Action.objects.count() == 1
    run = ask(shop.viewer, "agents.run.get", run_id=started["run_id"])["run"]
    assert run["status"] == "cancelled"


def test_one_contacts_fault_costs_no_other(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, ben = shop.visitor("ana"), shop.visitor("ben")
    real = deciding.decide

    def broken(job: object, actor: object, run: object, target: Target) -> object:
        if target.contact_id == ana.pk:
            raise ZeroDivisionError
        return real(job, actor, run, target)  # type: ignore[arg-type]

    monkeypatch.setattr(run_executor, "decide", broken)
    run = shop.run(shop.agent())

    assert run.job.status == "completed"
    assert Action.objects.get().contact_id == ben.pk
    assert Target.objects.get(contact=ana).state == "failed"


def test_an_agent_has_one_run_at_a_time(shop: Shop) -> None:
    agent_id = shop.agent()
    first = ask(shop.member, "agents.agent.trigger", agent_id=agent_id)

    with pytest.raises(Conflict) as refused:
        ask(shop.member, "agents.agent.trigger", agent_id=agent_id)

    assert refused.value.facts["job_id"] == first["job_id"]
    assert Run.objects.count() == 1


def test_a_contact_is_left_alone_until_its_cooldown_is_over(shop: Shop) -> None:
    shop.visitor()
    agent_id = shop.agent()
    shop.run(agent_id)

    again = shop.run(agent_id)
    named = shop.run(agent_id, contact_ids=[str(Target.objects.get().contact_id)])

    assert again.targets.count() == 0
    assert named.targets.count() == 1


def test_it_looks_at_no_more_than_it_may(shop: Shop) -> None:
    for name in ("ana", "ben", "cleo"):
        shop.visitor(name)

    run = shop.run(shop.agent(monitoring={"filter": shop.filter, "max_contacts_per_run": 2}))

    assert run.targets.count() == 2


def test_a_rehearsal_shows_and_proposes_nothing(shop: Shop) -> None:
    for name in ("ana", "ben", "cleo", "dora"):
        shop.visitor(name)
    started = ask(shop.admin, "agents.agent.rehearse", agent_id=shop.agent(enabled=False))

    execution.run_job(started["job_id"])

    run = ask(shop.viewer, "agents.run.get", run_id=started["run_id"], mode="full")["run"]
    assert not Action.objects.exists()
    shown = [card for row in run["contacts"] for card in row["actions"]]
    assert len(run["contacts"]) == 3
    assert {card["status"] for card in shown} == {"would_queue"}
    assert all(card["text"] for card in shown)


def test_the_wrong_contact_starts_nothing(shop: Shop) -> None:
    stranger = factories.contact(factories.workspace("Globex"), "x@globex.example")
    mine = shop.visitor()
    agent_id = shop.agent()

    with pytest.raises(NotFound):
        ask(
            shop.member,
            "agents.agent.trigger",
            agent_id=agent_id,
            contact_ids=[str(mine.pk), str(stranger.pk)],
        )

    assert not Job.objects.exists()
    assert not Run.objects.exists()


def test_an_agent_that_is_off_is_not_started(shop: Shop) -> None:
    with pytest.raises(Conflict, match="disabled"):
        ask(shop.member, "agents.agent.trigger", agent_id=shop.agent(enabled=False))


def test_one_that_watches_nobody_needs_names(shop: Shop) -> None:
    agent_id = shop.agent(monitoring={"filter": {}})

    with pytest.raises(ValidationFailed):
        ask(shop.member, "agents.agent.trigger", agent_id=agent_id)


def test_a_stop_lets_a_run_wait_where_it_was(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ana", "ben"):
        shop.visitor(name)
    started = ask(shop.member, "agents.agent.trigger", agent_id=shop.agent())
    real = proposing._keep

    def stopped(*args: object) -> None:
        real(*args)  # type: ignore[arg-type]
        kill_switch.stop(shop.admin)

    monkeypatch.setattr(proposing, "_keep", stopped)
    execution.run_job(started["job_id"])

    assert Job.objects.get().status == "waiting"
    assert Action.objects.count() == 1


def test_an_agent_whose_owner_left_is_switched_off_and_people_are_told(shop: Shop) -> None:
    shop.visitor()
    agent_id = shop.agent()
    started = ask(shop.member, "agents.agent.trigger", agent_id=agent_id)
    boss = factories.member(shop.place, "Boss", Role.ADMIN)
    shop.alice.is_active = False
    shop.alice.save()

    execution.run_job(started["job_id"])

    agent = Agent.objects.get(pk=agent_id)
    assert not agent.enabled
    assert agent.switched_off_why
    assert Job.objects.get().status == "failed"
    assert Attention.objects.filter(user=boss.user, subject_id=agent_id).exists()
    assert not Action.objects.exists()


def test_an_old_runs_job_outlives_the_clean_up(shop: Shop) -> None:
    run = shop.run(shop.agent())
    Job.objects.update(finished_at=clock.now() - timedelta(days=60))

    clean_up()

    answer = ask(shop.viewer, "agents.run.get", run_id=str(run.pk))
    assert answer["run"]["status"] == "completed"
