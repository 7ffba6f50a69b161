"""The pages of jobs, with and without scripts."""

from typing import Any

import pytest
from django.test import Client

from jobs import execution
from jobs.job_context import Ended
from jobs.models import Job
from tests.jobs.conftest import Runs, again, start
from tests.team import Team


def visit(member: Any) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


@pytest.fixture
def job(team: Team, runs: Runs) -> Job:
    """Mia's, with three things to do."""
    return start(team.member, total=3, message="Reads <b>three</b> contacts.")


def test_the_owner_and_the_admin_see_it_in_the_list(team: Team, job: Job) -> None:
    for member in (team.mia, team.alice):
        page = visit(member).get("/jobs/").content.decode()
        assert f"/jobs/{job.pk}/" in page
        assert "Counting" in page
    assert f"/jobs/{job.pk}/" not in visit(team.rex).get("/jobs/").content.decode()


def test_an_open_job_asks_anew_with_and_without_scripts(team: Team, job: Job) -> None:
    page = visit(team.mia).get(f"/jobs/{job.pk}/").content.decode()

    assert 'hx-trigger="every 2s"' in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert 'max="3"' in page
    assert "&lt;b&gt;three" in page


def test_an_ended_job_says_how_and_asks_no_more(team: Team, runs: Runs, job: Job) -> None:
    runs(lambda _: Ended("expired", "Nobody typed the code."))
    execution.run_job(str(job.pk))

    page = visit(team.mia).get(f"/jobs/{job.pk}/").content.decode()

    assert "Nobody typed the code." in page
    assert "hx-trigger" not in page
    assert "http-equiv" not in page
    assert "Cancel</button>" not in page


def test_a_result_is_shown_in_words(team: Team, job: Job) -> None:
    execution.run_job(str(job.pk))

    assert "<dt>Counted</dt>" in visit(team.mia).get(f"/jobs/{job.pk}/").content.decode()


def test_cancelling_in_the_page(team: Team, job: Job) -> None:
    answer = visit(team.mia).post(f"/jobs/{job.pk}/cancel/")

    assert (answer.status_code, answer["Location"]) == (302, f"/jobs/{job.pk}/")
    assert again(job).status == "cancelled"


@pytest.mark.parametrize("path", ["/jobs/{}/", "/jobs/job_x/", "/jobs/x/"])
def test_another_s_job_is_not_there(team: Team, job: Job, path: str) -> None:
    assert visit(team.rex).get(path.format(job.pk)).status_code == 404


def test_another_s_job_is_not_cancelled(team: Team, job: Job) -> None:
    assert visit(team.rex).post(f"/jobs/{job.pk}/cancel/").status_code == 404
    assert again(job).status == "queued"
