"""Job titles of people who buy and use field-service software, by department and seniority."""

from random import Random
from typing import NamedTuple

from demo.files import load


class Job(NamedTuple):
    """A title; `weight` is how often it is met in a company of some size."""

    title: str
    department: str
    seniority: str
    weight: int


JOBS = load("jobs", tuple[Job, ...])


def any_job(rng: Random) -> Job:
    """A job, the frequent ones more often."""
    return rng.choices(JOBS, weights=[job.weight for job in JOBS])[0]
