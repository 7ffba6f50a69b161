"""Many workers at once, on real transactions."""

import threading
from functools import partial

import pytest
from django.db import connections

from core import clock, operations
from core.db import unit
from crm.models import Contact
from jobs import execution
from jobs.job_context import Done, Outcome, Running
from jobs.services import leases
from tests import factories
from tests.jobs.conftest import Runs, again, lease_ends, start
from tests.team import Team
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_many_workers_one_gets_a_job(team: Team, runs: Runs) -> None:
    for number in range(5):
        job = start(team.admin, f"ct_{number}")
        answers, _ = at_once([partial(leases.claim, str(job.pk))] * 6)
        assert len([found for found in answers if found]) == 1


def test_of_many_workers_one_takes_over_and_one_crash_is_counted(team: Team, runs: Runs) -> None:
    job = start(team.admin)
    leases.claim(str(job.pk))
    lease_ends(job)

    answers, _ = at_once([lambda: leases.claim(str(job.pk))] * 6)

    assert len([found for found in answers if found]) == 1
    assert again(job).crashes == 1


def test_of_many_sweepers_one_sends_the_message(team: Team, runs: Runs) -> None:
    job = start(team.admin)
    seen = list(leases.due(clock.now()))

    answers, _ = at_once([lambda: leases.note_woken(seen[0])] * 6)

    assert sorted(answers) == [False] * 5 + [True]
    assert again(job).woken_at


def test_nothing_happens_after_a_cancellation_was_answered(team: Team, runs: Runs) -> None:
    """The runner changes a contact as fast as it can; a cancel comes from another thread."""
    ana = factories.contact(team.place)
    job = start(team.admin)
    begun = threading.Event()

    def run(running: Running) -> Outcome:
        for number in range(100_000):
            with unit():
                running.hold()
                Contact.objects.filter(pk=ana.pk).update(city=str(number))
            begun.set()
        return Done({})

    def work() -> None:
        try:
            execution.run_job(str(job.pk))
        finally:
            connections.close_all()

    runs(run)
    worker = threading.Thread(target=work)
    worker.start()
    assert begun.wait(60)

    operations.submit(team.admin, operations.get("jobs.job.cancel"), {"job_id": str(job.pk)})
    city = Contact.objects.get(pk=ana.pk).city
    worker.join(60)

    assert not worker.is_alive()
    assert Contact.objects.get(pk=ana.pk).city == city
    assert again(job).status == "cancelled"
