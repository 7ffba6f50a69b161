"""A job's life, one worker at a time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app

from approvals.stopping import kill_switch
from core import clock, operations
from core.actor import Actor
from core.db import unit
from core.errors import Conflict, Forbidden, Unavailable
from jobs import execution, poller, tasks
from jobs.job_context import Done, Ended, Later, LeaseLost, Outcome, Running
from jobs.models import Job
from jobs.models.job import JobStatus
from jobs.services import jobs, leases
from tests.jobs.conftest import KIND, Runs, again, lease_ends, start
from tests.team import Team


def cancel(actor: Actor, job: Job) -> dict[str, Any]:
    op = operations.get("jobs.job.cancel")
    answer: dict[str, Any] = operations.submit(actor, op, {"job_id": str(job.pk)})["job"]
    return answer


def claimed(job: Job) -> Running:
    running = leases.claim(str(job.pk))
    assert running is not None
    return running


def test_a_job_runs_and_keeps_its_result(team: Team, runs: Runs) -> None:
    job = start(team.admin)

    assert again(job).status == JobStatus.QUEUED
    assert execution.run_job(str(job.pk))

    row = again(job)
    assert (row.status, row.result, row.claim) == (JobStatus.COMPLETED, {"counted": 3}, "")
    assert row.finished_at
    assert not execution.run_job(str(job.pk))


def test_it_is_made_with_what_it_works_for_or_not_at_all(team: Team) -> None:
    def undone() -> None:
        with unit():
            start(team.admin)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()

    assert not Job.objects.exists()


def test_a_second_one_for_the_same_subject_names_the_first(team: Team, runs: Runs) -> None:
    first = start(team.admin)

    with pytest.raises(Conflict) as refusal:
        start(team.admin)
    start(team.admin, "ct_2")

    assert refusal.value.facts == {"job_id": str(first.pk)}
    execution.run_job(str(first.pk))
    assert start(team.admin).pk != first.pk


def test_progress_is_seen_while_it_runs(team: Team, runs: Runs) -> None:
    job = start(team.admin, total=3)
    seen = []

    def run(running: Running) -> Outcome:
        running.progress(done=2, message="Reading.")
        seen.append(again(job))
        return Done({})

    runs(run)
    execution.run_job(str(job.pk))

    assert (seen[0].status, seen[0].done, seen[0].total) == (JobStatus.RUNNING, 2, 3)
    assert seen[0].message == "Reading."


def test_it_waits_until_the_time_its_runner_named(team: Team, runs: Runs) -> None:
    job = start(team.admin)
    at = clock.now() + timedelta(minutes=5)
    runs(lambda _: Later(at, "Waits for an answer."))

    execution.run_job(str(job.pk))

    row = again(job)
    assert (row.status, row.due_at, row.message) == (JobStatus.WAITING, at, "Waits for an answer.")
    assert leases.claim(str(job.pk)) is None
    assert list(leases.due(clock.now())) == []
    assert list(leases.due(at)) == [row]


@pytest.mark.parametrize("when", ["before", "during"])
def test_what_happens_from_outside_has_it_looked_at_again_at_once(
    team: Team, runs: Runs, when: str
) -> None:
    job = start(team.admin)

    def run(_: Running) -> Outcome:
        if when == "during":
            jobs.wake_job(team.admin.workspace_id, str(job.pk))
        return Later(clock.now() + timedelta(minutes=5), "Waits for a code.")

    runs(run)
    execution.run_job(str(job.pk))
    if when == "before":
        jobs.wake_job(team.admin.workspace_id, str(job.pk), message="A code came.")
        assert again(job).message == "A code came."

    assert list(leases.due(clock.now())) == [job]


def test_what_has_ended_is_not_looked_at_again(team: Team, runs: Runs) -> None:
    job = start(team.admin)
    execution.run_job(str(job.pk))

    with pytest.raises(Conflict):
        jobs.wake_job(team.admin.workspace_id, str(job.pk))
    with pytest.raises(Conflict):
        jobs.wake_job(team.admin_elsewhere().workspace_id, str(start(team.admin).pk))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Forbidden("Not allowed."), {"code": "forbidden", "message": "Not allowed."}),
        (
            RuntimeError("secret"),
            {"code": execution.FAULT.code, "message": execution.FAULT.message},
        ),
    ],
)
def test_a_fault_ends_it_with_a_sentence(
    team: Team, runs: Runs, fault: Exception, error: dict[str, str]
) -> None:
    job = start(team.admin)

    def run(_: Running) -> Outcome:
        raise fault

    runs(run)
    execution.run_job(str(job.pk))

    assert (again(job).status, again(job).error) == (JobStatus.FAILED, error)


def test_what_its_runner_calls_an_end_is_one(team: Team, runs: Runs) -> None:
    job = start(team.admin)
    runs(lambda _: Ended("expired", "Nobody answered."))

    execution.run_job(str(job.pk))

    assert again(job).error == {"code": "expired", "message": "Nobody answered."}


def test_what_may_pass_is_tried_again_and_then_fails(
    team: Team, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = start(team.admin)
    calls = []

    def run(_: Running) -> Outcome:
        calls.append(1)
        raise Unavailable("The database is busy.")

    runs(run)
    states = []
    for _ in range(4):
        execution.run_job(str(job.pk))
        states.append(str(again(job).status))
        Job.objects.filter(pk=job.pk).update(due_at=clock.now())

    assert states == ["waiting", "waiting", "failed", "failed"]
    assert len(calls) == 3
    assert again(job).error["code"] == "unavailable"


def test_a_dead_worker_s_job_is_taken_over_twice_and_then_fails(team: Team, runs: Runs) -> None:
    job = start(team.admin)
    first = claimed(job)
    assert leases.claim(str(job.pk)) is None

    lease_ends(job)
    second = claimed(job)
    assert (again(job).crashes, second.claim != first.claim) == (1, True)
    lease_ends(job)
    claimed(job)
    lease_ends(job)

    assert leases.claim(str(job.pk)) is None
    assert (again(job).status, again(job).error) == (JobStatus.FAILED, leases.GIVEN_UP)


def test_a_lost_claim_writes_nothing(team: Team, runs: Runs) -> None:
    job = start(team.admin)
    frozen = claimed(job)
    lease_ends(job)
    heir = claimed(job)

    writes: list[Callable[[], None]] = [
        lambda: frozen.progress(done=9),
        lambda: leases.finish(frozen, Done({"from": "the frozen one"})),
        lambda: leases.finish(frozen, Ended("x", "From the frozen one.")),
        lambda: leases.finish(frozen, Later(clock.now(), "From the frozen one.")),
        lambda: leases.refuse(frozen, Unavailable("Busy.")),
        lambda: held(frozen),
    ]
    for write in writes:
        with pytest.raises(LeaseLost):
            write()
    assert not leases.extend(frozen)

    row = again(job)
    assert (row.status, row.done, row.claim) == (JobStatus.RUNNING, 0, heir.claim)
    held(heir)
    leases.finish(heir, Done({}))


def held(running: Running) -> None:
    """Something the runner changes."""
    with unit():
        running.hold()


@pytest.mark.django_db(transaction=True)
def test_hold_outside_a_transaction_is_a_mistake(team: Team, runs: Runs) -> None:
    with pytest.raises(RuntimeError):
        claimed(start(team.admin)).hold()


def test_cancelled_is_cancelled_at_once(team: Team, runs: Runs) -> None:
    job = start(team.admin)
    seen = []

    def run(running: Running) -> Outcome:
        answer = cancel(team.admin, job)
        seen.append(answer["status"])
        held(running)
        raise AssertionError("it went on")

    runs(run)
    execution.run_job(str(job.pk))

    assert seen == ["cancelled"]
    assert (again(job).status, again(job).error, again(job).result) == ("cancelled", None, None)
    assert cancel(team.admin, job)["status"] == "cancelled"


def test_what_has_ended_is_not_cancelled(team: Team, runs: Runs) -> None:
    job = start(team.admin)
    execution.run_job(str(job.pk))

    with pytest.raises(Conflict):
        cancel(team.admin, job)

    assert again(job).status == JobStatus.COMPLETED


def test_a_stopped_workspace_begins_no_job(team: Team, runs: Runs) -> None:
    job = start(team.admin)
    kill_switch.stop(team.admin, "a fire")

    assert list(leases.due(clock.now())) == []
    assert not execution.run_job(str(job.pk))
    assert again(job).status == JobStatus.QUEUED

    kill_switch.resume(team.admin.with_fresh_login())
    assert list(leases.due(clock.now())) == [job]


def test_a_job_is_cancelled_while_the_workspace_is_stopped(team: Team, runs: Runs) -> None:
    job = start(team.admin)
    kill_switch.stop(team.admin, "a fire")

    assert cancel(team.admin, job)["status"] == "cancelled"


def test_a_worker_is_told_once_until_it_should_have_come(
    team: Team, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = start(team.admin)
    sent: list[tuple[str, tuple[str, ...]]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **_: sent.append((name, args)))

    assert poller.wake_due() == 1
    assert poller.wake_due() == 0
    later = clock.now() + timedelta(seconds=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert poller.wake_due() == 1

    assert sent == [("jobs.tasks.run_job", (str(job.pk),))] * 2
    assert tasks.run_job.name == poller.RUN_JOB


def test_ended_jobs_are_kept_for_thirty_days(team: Team, runs: Runs) -> None:
    old, young, open_one = (start(team.admin, f"ct_{number}") for number in range(3))
    for job in (old, young):
        execution.run_job(str(job.pk))
    for job, days in ((old, 31), (young, 29)):
        moment = clock.now() - timedelta(days=days)
        Job.objects.filter(pk=job.pk).update(finished_at=moment, created_at=moment)
    Job.objects.filter(pk=open_one.pk).update(created_at=clock.now() - timedelta(days=40))

    tasks.clean_up()

    assert set(Job.objects.all()) == {young, open_one}


def test_the_kind_of_a_job_is_known_by_its_title(team: Team, runs: Runs) -> None:
    op = operations.get("jobs.job.get")
    job = start(team.admin)

    shown = operations.submit(team.admin, op, {"job_id": str(job.pk)})["job"]

    assert (shown["kind"], shown["title"]) == (KIND, "Counting")
