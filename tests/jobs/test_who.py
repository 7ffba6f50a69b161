"""Whose jobs are whose."""

from typing import Any

import pytest

from core import operations
from core.actor import Actor
from core.errors import NotFound
from jobs.models import Job
from tests import factories
from tests.jobs.conftest import again, start
from tests.team import Team


def ask(actor: Actor, verb: str, **data: Any) -> dict[str, Any]:
    return operations.submit(actor, operations.get(f"jobs.job.{verb}"), data)


@pytest.fixture
def job(team: Team) -> Job:
    """Mia's."""
    return start(team.member)


def test_the_owner_her_apps_and_the_admins_see_it(team: Team, job: Job) -> None:
    for actor in (
        team.member,
        team.claude,
        factories.app(team.mia, frozenset()),
        team.admin,
    ):
        shown = ask(actor, "get", job_id=str(job.pk))["job"]
        assert shown["job_id"] == shown["_id"] == str(job.pk)
        assert (shown["status"], shown["next_poll_seconds"]) == ("queued", 5)
        assert [row["job_id"] for row in ask(actor, "list")["jobs"]] == [str(job.pk)]


@pytest.mark.parametrize("verb", ["get", "cancel"])
def test_to_everybody_else_it_is_not_there(team: Team, job: Job, verb: str) -> None:
    for actor in (team.reviewer, team.admin_elsewhere()):
        with pytest.raises(NotFound):
            ask(actor, verb, job_id=str(job.pk))
        assert ask(actor, "list")["jobs"] == []
    with pytest.raises(NotFound):
        ask(team.admin, verb, job_id="job_01jd0000000000000000000000")

    assert again(job).status == "queued"


def test_only_some_are_listed_when_asked_so(team: Team, job: Job) -> None:
    other = start(team.member, "ct_2")
    ask(team.member, "cancel", job_id=str(other.pk))

    found = ask(team.member, "list", status="queued")

    assert [row["job_id"] for row in found["jobs"]] == [str(job.pk)]
    assert found["pagination"]["total_items"] == 1
