"""While a runner works, its worker moves the lease on."""

import threading

import pytest
from django.db import DatabaseError

from jobs import execution
from jobs.job_context import Done, Outcome, Running
from jobs.models import Job
from jobs.services import leases
from tests.jobs.conftest import Runs, start
from tests.mail import wait_until
from tests.team import Team


@pytest.mark.django_db(transaction=True)
def test_the_lease_of_a_long_call_moves_on(
    team: Team, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "BEAT_SECONDS", 0.02)
    job = start(team.member)

    def work(running: Running) -> Outcome:
        taken = Job.objects.get(pk=job.pk).lease_until
        wait_until(lambda: Job.objects.get(pk=job.pk).lease_until != taken, "the lease moves", 60)
        return Done({})

    runs(work)

    assert execution.run_job(str(job.pk))
    assert Job.objects.get(pk=job.pk).status == "completed"


def test_a_beat_the_database_refuses_is_tried_again_until_the_lease_is_lost(
    db: None, team: Team, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "BEAT_SECONDS", 0.0)
    monkeypatch.setattr(execution, "close_old_connections", lambda: None)  # the test's own
    answers, lost = [DatabaseError("locked"), True, False], threading.Event()

    def extend(_: Running) -> bool:
        answer = answers.pop(0)
        if isinstance(answer, DatabaseError):
            raise answer
        if not answer:
            lost.set()
        return bool(answer)

    monkeypatch.setattr(leases, "extend", extend)

    def work(_: Running) -> Outcome:
        assert lost.wait(60), "the worker stopped asking"
        return Done({})

    runs(work)
    execution.run_job(str(start(team.member).pk))

    assert answers == []
