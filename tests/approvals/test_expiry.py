"""How long a draft waits for a decision, and who is notified the day before it expires."""

from datetime import datetime, timedelta

import pytest
import time_machine

from accounts.models import Notice, User
from approvals.ledger import expiry
from approvals.models import Action, Step
from core import clock
from tests.approvals.conftest import Team, approve, decide
from tests.approvals.test_conversations import arrived

pytestmark = pytest.mark.django_db
MONDAY = datetime.fromisoformat("2026-11-23T10:00:00+00:00")
HOUR = timedelta(hours=1)


def waits(action_id: str) -> timedelta:
    ends = Action.objects.get(pk=action_id).expires_at
    assert ends is not None
    return ends - clock.now()


def told() -> list[tuple[str, str]]:
    rows = Notice.objects.filter(kind="expiry").select_related("user").order_by("user__email")
    return [(str(row.user), row.facts["what"]) for row in rows]


def answer(team: Team, age: timedelta) -> str:
    thread = arrived(team, sent_at=clock.now() - age)
    return team.mail(contact_id=None, thread_id=str(thread.pk))


def test_an_answer_in_a_live_conversation_is_decided_within_48_hours(team: Team) -> None:
    with time_machine.travel(MONDAY, tick=False):
        assert waits(answer(team, timedelta(days=6, hours=23))) == 48 * HOUR


def test_an_answer_in_a_conversation_that_rests_waits_like_any_mail(team: Team) -> None:
    with time_machine.travel(MONDAY, tick=False):
        assert waits(answer(team, timedelta(days=7))) == timedelta(days=7)  # 5 working days


def test_an_answer_that_comes_back_gets_48_hours_again(team: Team) -> None:
    with time_machine.travel(MONDAY, tick=False) as clockwork:
        action_id = answer(team, HOUR)
        approve(team.reviewer, action_id)
        clockwork.shift(30 * HOUR)
        decide(team.reviewer, "edit", action_id, description="later")
        assert waits(action_id) == 48 * HOUR


def test_whoever_may_decide_is_told_once_on_the_day_before(team: Team) -> None:
    with time_machine.travel(MONDAY, tick=False) as clockwork:
        action_id = answer(team, HOUR)
        clockwork.shift(23 * HOUR)
        assert expiry.remind_due() == 0
        clockwork.shift(HOUR)
        assert [expiry.remind_due(), expiry.remind_due()] == [1, 0]
        clockwork.shift(20 * HOUR)
        assert expiry.remind_due() == 0

    words = "E-mail: less than a day left to decide"
    assert told() == [("Alice", words), ("Rex", words)]
    assert "ana@" not in str(Notice.objects.values_list("facts", flat=True))
    assert Step.objects.filter(action_id=action_id, what="reminded").count() == 1


def test_a_new_deadline_has_a_notice_of_its_own(team: Team) -> None:
    with time_machine.travel(MONDAY, tick=False) as clockwork:
        action_id = answer(team, HOUR)
        clockwork.shift(30 * HOUR)
        expiry.remind_due()
        approve(team.reviewer, action_id)
        decide(team.reviewer, "edit", action_id, description="later")
        clockwork.shift(HOUR)
        assert expiry.remind_due() == 0
        clockwork.shift(24 * HOUR)
        assert expiry.remind_due() == 1


def test_of_an_assigned_action_only_whoever_has_it_is_told(team: Team) -> None:
    with time_machine.travel(MONDAY, tick=False) as clockwork:
        action_id = answer(team, HOUR)
        Action.objects.filter(pk=action_id).update(assigned_to=team.reviewer.user_id)
        clockwork.shift(30 * HOUR)
        expiry.remind_due()

    assert [name for name, _ in told()] == ["Rex"]


def test_who_wants_no_notices_gets_none_and_the_next_one_is_still_told(team: Team) -> None:
    User.objects.filter(pk=team.alice.user_id).update(notices="none")
    User.objects.filter(pk=team.reviewer.user_id).update(notices="digest")
    with time_machine.travel(MONDAY, tick=False) as clockwork:
        answer(team, HOUR)
        clockwork.shift(30 * HOUR)
        expiry.remind_due()

    assert [name for name, _ in told()] == ["Rex"]


def test_what_is_decided_or_over_is_not_told(team: Team) -> None:
    with time_machine.travel(MONDAY, tick=False) as clockwork:
        approve(team.reviewer, answer(team, HOUR))
        team.draft_change()
        clockwork.shift(timedelta(days=31))
        assert expiry.remind_due() == 0

    assert told() == []
