from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from core import clock
from core.actor import Actor
from core.db import unit
from jobs import runners
from jobs.job_context import Done, Outcome, Running
from jobs.models import Job
from jobs.services.jobs import create
from tests.team import Team

KIND = "sample.count"
Runs = Callable[[Callable[[Running], Outcome]], None]  # defines the sample runner


@pytest.fixture
def team(db: None) -> Team:
    from tests import factories

    return Team.at(factories.workspace())


@pytest.fixture
def runs() -> Iterator[Runs]:
    """Defines the sample runner of this test."""

    def register(run: Callable[[Running], Outcome]) -> None:
        runners._registry[KIND] = runners.Runner(KIND, run, "Counting")

    register(lambda _: Done({"counted": 3}))
    yield register
    del runners._registry[KIND]


def start(actor: Actor, subject: str = "ct_1", **facts: Any) -> Job:
    """A job of the sample kind."""
    with unit():
        return create(actor, KIND, subject, **{"payload": {}, "message": "Waits.", **facts})


def again(job: Job) -> Job:
    """The row as it is now."""
    return Job.objects.get(pk=job.pk)


def lease_ends(job: Job) -> None:
    """Let the lease expire."""
    Job.objects.filter(pk=job.pk).update(lease_until=clock.now() - timedelta(seconds=1))
