"""Only one worker knows a call's outcome: it stores it when the database is back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from approvals.models import Action, Attempt
from approvals.sending import attempts
from approvals.sending.loop import run_once
from core import clock
from identities.models import Mailbox
from tests.approvals.conftest import Team, approve
from tests.mail import Sink

pytestmark = pytest.mark.django_db(transaction=True)
THE_END = 'SET "ended_at"'


@pytest.fixture
def real_team(request: pytest.FixtureRequest) -> Team:
    """The team, in a test whose transactions are real."""
    team: Team = request.getfixturevalue("team")
    return team


def approved_mail(team: Team) -> str:
    action_id = team.mail()
    approve(team.reviewer, action_id)
    return action_id


def at_the_end(do: Callable[[], None], statement: str = THE_END) -> Callable[..., Any]:
    """Does something before the first write of an attempt's end, or before `statement`."""
    left = [do]

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if statement in sql and left:
            left.pop()()
        return execute(sql, params, many, context)

    return wrapper


def lose_the_database() -> None:
    raise OperationalError("server closed the connection unexpectedly")


def test_a_database_that_is_away_for_a_moment_makes_no_outcome_unknown(
    real_team: Team, sink: Sink
) -> None:
    action_id = approved_mail(real_team)

    with connection.execute_wrapper(at_the_end(lose_the_database)):
        run_once("w")

    assert Action.objects.get(pk=action_id).status == "completed"
    assert Attempt.objects.get(action=action_id).outcome == "completed"
    assert len(sink.received()) == 1


def test_a_record_whose_commit_was_not_heard_of_is_written_once(
    real_team: Team, sink: Sink
) -> None:
    action_id = approved_mail(real_team)

    with connection.execute_wrapper(at_the_end(lambda: transaction.on_commit(lose_the_database))):
        run_once("w")

    action = Action.objects.get(pk=action_id)
    assert action.status == "completed"
    assert action.steps.filter(what="sent").count() == 1
    assert len(sink.received()) == 1


def test_a_try_that_waits_is_written_down_too(real_team: Team, settings: Any) -> None:
    settings.UNDO_WINDOW_SECONDS = 0
    action_id = approved_mail(real_team)  # no mail server is running

    with connection.execute_wrapper(at_the_end(lose_the_database)):
        run_once("w")

    assert Attempt.objects.get(action=action_id).ended_at is not None
    assert Action.objects.get(pk=action_id).status == "failed"


def test_after_its_lease_a_worker_writes_nothing_down(real_team: Team) -> None:
    action = Action.objects.get(pk=approved_mail(real_team))
    action.lease_until = clock.now() - timedelta(seconds=1)
    attempt = Attempt(workspace=real_team.place, action=action, begun_at=clock.now())

    with pytest.raises(OperationalError):
        attempts.commit_now(action, attempt, lose_the_database)


def test_what_is_noted_of_the_mailbox_does_not_lose_the_outcome(
    real_team: Team, sink: Sink
) -> None:
    action_id = approved_mail(real_team)
    noted = 'UPDATE "identities_mailbox"'

    with connection.execute_wrapper(at_the_end(lose_the_database, noted)):
        run_once("w")

    assert Action.objects.get(pk=action_id).status == "completed"
    assert Mailbox.objects.get().last_used_at is None
