"""Job titles of people who buy and use field-service software, by department and seniority."""

from random import Random
from typing import NamedTuple


class Job(NamedTuple):
    """A title; `weight` is how often it is met in a company of some size."""

    title: str
    department: str
    seniority: str
    weight: int


JOBS = (
    Job("Chief Operating Officer", "Operations", "C-level", 3),
    Job("Operations Director", "Operations", "Director", 7),
    Job("Head of Field Operations", "Operations", "Head", 8),
    Job("Operations Manager", "Operations", "Manager", 14),
    Job("Process Improvement Lead", "Operations", "Lead", 4),
    Job("VP Service", "Field service", "VP", 4),
    Job("Field Service Manager", "Field service", "Manager", 14),
    Job("Dispatch Manager", "Field service", "Manager", 10),
    Job("Senior Dispatcher", "Field service", "Senior", 9),
    Job("Dispatcher", "Field service", "Staff", 8),
    Job("Regional Service Lead", "Field service", "Lead", 7),
    Job("Chief Information Officer", "IT", "C-level", 2),
    Job("IT Manager", "IT", "Manager", 8),
    Job("Systems Engineer", "IT", "Staff", 5),
    Job("Integration Architect", "IT", "Senior", 3),
    Job("Finance Director", "Finance", "Director", 3),
    Job("Controller", "Finance", "Senior", 3),
    Job("Purchasing Manager", "Purchasing", "Manager", 5),
    Job("Buyer", "Purchasing", "Staff", 3),
    Job("Customer Care Manager", "Customer care", "Manager", 6),
    Job("Customer Success Lead", "Customer care", "Lead", 4),
    Job("Managing Director", "Management", "C-level", 5),
    Job("Founder", "Management", "C-level", 3),
)


def any_job(rng: Random) -> Job:
    """A job, the frequent ones more often."""
    return rng.choices(JOBS, weights=[job.weight for job in JOBS])[0]
