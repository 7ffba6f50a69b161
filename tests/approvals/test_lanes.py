"""Two messages to one person: both or one instead; agents use a lane, replies are first."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from approvals.cards import build, review
from approvals.cards.card import Card
from approvals.models import Action
from approvals.schemas.actions import ReviewPending
from approvals.sending.loop import run_once
from core import clock, operations
from core.errors import Changed, Conflict
from core.operations import Proposal, Request
from tests import factories
from tests.approvals.conftest import Team, approve, decide
from tests.approvals.fake_providers import SLACK, provider
from tests.approvals.test_checks import agent, approved
from tests.approvals.test_conversations import arrived
from tests.approvals.test_policy import make_known
from tests.approvals.test_races import REAL, real_team
from tests.mail import Sink
from tests.threads import verdicts

__all__ = ["real_team"]
pytestmark = pytest.mark.django_db
OTHER = "Another message to this person"


def of_agent(team: Team, **changes: Any) -> str:
    return str(team.draft_mail(agent(team), **changes)["action_id"])


def state(action_id: str) -> tuple[str, str]:
    action = Action.objects.get(pk=action_id)
    return action.status, action.status_detail


def settle(team: Team, action_id: str, other: str, **changes: Any) -> dict[str, Any]:
    """Approve as the card's form does."""
    card = build.card(team.reviewer, action_id)
    shown = {"fingerprint": card.fingerprint, "seen": card.seen, "others": card.beside}
    return decide(team.reviewer, "approve", action_id, **{**shown, "other": other, **changes})


def test_a_yes_has_to_say_what_becomes_of_another_s_message_to_the_person(team: Team) -> None:
    mias, theirs = team.mail(subject="Mia's"), of_agent(team, subject="The agent's")

    for action_id in (mias, theirs):
        with pytest.raises(Changed, match=OTHER) as refusal:
            approve(team.reviewer, action_id)
        assert "send both, or only this one" in refusal.value.hint
        assert state(action_id) == ("pending_approval", "")


def test_both_go_out_where_the_person_says_so(team: Team, sink: Sink) -> None:
    first, second = of_agent(team, subject="1"), of_agent(team, subject="2")

    settle(team, first, "both")
    settle(team, second, "both")

    assert [Action.objects.get(pk=pk).lane for pk in (first, second)] == [None, None]
    run_once("w")
    assert len(sink.received()) == 2


@pytest.mark.parametrize("is_let_through", [False, True])
def test_this_one_instead_replaces_what_waits_or_has_not_begun(
    team: Team, sink: Sink, is_let_through: bool
) -> None:
    first = of_agent(team, subject="1")
    if is_let_through:
        approve(team.reviewer, first)
        assert Action.objects.get(pk=first).lane == str(team.ana.pk)
    second = of_agent(team, subject="2")

    settle(team, second, "instead")

    assert state(first) == ("cancelled", "superseded")
    assert Action.objects.get(pk=second).lane == str(team.ana.pk)
    Action.objects.filter(pk=second).update(runs_at=clock.now())
    run_once("w")
    assert [mail.mime["Subject"] for mail in sink.received()] == ["2"]
    assert Action.objects.get(pk=second).lane is None


def test_what_the_card_did_not_show_is_not_settled(team: Team) -> None:
    first, second = of_agent(team, subject="1"), of_agent(team, subject="2")
    shown = build.card(team.reviewer, second).beside
    third = of_agent(team, subject="3")

    for other in ("both", "instead"):
        with pytest.raises(Changed, match=OTHER):
            settle(team, second, other, others=shown)
    assert {state(pk) for pk in (first, second, third)} == {("pending_approval", "")}


def test_what_goes_out_just_now_is_not_replaced(team: Team) -> None:
    first, second = of_agent(team, subject="1"), of_agent(team, subject="2")
    Action.objects.filter(pk=first).update(status="running")

    with pytest.raises(Conflict, match="being sent right now"):
        settle(team, second, "instead")

    assert state(second) == ("pending_approval", "")


def test_a_message_of_another_workspace_is_not_replaced(team: Team) -> None:
    elsewhere = factories.workspace("Elsewhere")
    foreign = Team.at(
        elsewhere, ana=factories.contact(elsewhere), mailer=factories.sender(elsewhere)
    )
    theirs = foreign.mail()
    _, second = of_agent(team, subject="1"), of_agent(team, subject="2")
    named = f"{build.card(team.reviewer, second).beside} {theirs}"

    with pytest.raises(Changed, match=OTHER):
        settle(team, second, "instead", others=named)

    assert state(theirs) == ("pending_approval", "")


def test_one_s_own_second_draft_is_told_of_and_not_asked_about(team: Team) -> None:
    team.mail(subject="1")
    second = team.mail(subject="2")

    card = build.card(team.reviewer, second)

    assert card.others == []
    assert any(OTHER in notice for notice in card.notices)
    assert approve(team.reviewer, second)["decision"] == "approved"


def test_an_app_that_may_approve_sends_its_person_to_the_page(team: Team) -> None:
    make_known(team, team.ana.email)
    mias, _ = team.mail(), of_agent(team, subject="2")
    app = factories.app(team.rex, factories.ALL_SCOPES)

    answer = approve(app, mias)

    assert answer["status"] == "needs_person"
    assert OTHER in answer["why"]
    assert answer["confirm_url"]
    shown = review.review_pending_actions.perform(app, ReviewPending())
    (group, _) = shown.groups
    assert any(OTHER in notice for notice in group["cards"][0]["notices"])


def test_an_answer_has_right_of_way(team: Team, sink: Sink) -> None:
    thread = arrived(team)
    first = of_agent(team, subject="1")
    approve(team.reviewer, first)
    answer = of_agent(team, contact_id=None, thread_id=str(thread.pk), subject="Re: Prices")

    assert build.card(team.reviewer, answer).others == []
    assert approve(team.reviewer, answer)["status_detail"] != "waiting_lane"
    Action.objects.filter(pk=first).update(runs_at=clock.now() - timedelta(minutes=1))
    run_once("w")
    assert state(first) == ("approved", "waiting_lane")
    run_once("w")
    assert [mail.mime["Subject"] for mail in sink.received()] == ["Re: Prices"]


def test_an_undone_message_leaves_its_lane(team: Team) -> None:
    first = of_agent(team)
    approve(team.reviewer, first)
    decide(team.reviewer, "undo", first)

    assert Action.objects.get(pk=first).lane is None


def test_a_message_by_hand_takes_no_lane(team: Team) -> None:
    assert approved(team, subject="By hand").lane is None


def test_the_page_asks_and_takes_the_answer(team: Team, client: Client) -> None:
    first, second = of_agent(team, subject="1"), of_agent(team, subject="2")
    client.force_login(team.alice.user)
    page = client.get(f"/approvals/{second}/").content.decode()
    card = build.card(team.reviewer, second)

    assert "Also to this person" in page
    assert f"/approvals/{first}/" in page
    given = {"fingerprint": card.fingerprint, "others": card.beside, "other": "instead"}
    client.post(f"/approvals/{second}/approve/", given)

    assert state(first) == ("cancelled", "superseded")
    assert Action.objects.get(pk=second).status == "approved"


@pytest.mark.parametrize("wrong", ["neither", "both instead"])
def test_an_answer_nobody_offered_changes_nothing(team: Team, client: Client, wrong: str) -> None:
    first, second = of_agent(team, subject="1"), of_agent(team, subject="2")
    client.force_login(team.alice.user)
    card = build.card(team.reviewer, second)

    given = {"fingerprint": card.fingerprint, "others": card.beside, "other": wrong}
    answer = client.post(f"/approvals/{second}/approve/", given, follow=True)

    assert answer.status_code == 200
    assert {state(pk) for pk in (first, second)} == {("pending_approval", "")}


@REAL
def test_of_two_that_replace_each_other_one_is_left(real_team: Team) -> None:
    for number in range(10):
        pair = [of_agent(real_team, subject=f"{number} {word}") for word in ("a", "b")]
        named = [build.card(real_team.reviewer, action_id) for action_id in pair]

        def replace(card: Card) -> None:
            given = {"fingerprint": card.fingerprint, "others": card.beside, "other": "instead"}
            decide(real_team.reviewer, "approve", card.action_id, **given)

        answers = verdicts(*(lambda card=card: replace(card) for card in named))

        # Neither has to try again: rows are locked in one order, so there is no deadlock.
        assert sorted(answers) == ["already_decided", "done"]
        states = sorted(state(action_id)[1] for action_id in pair)
        assert states == ["superseded", "undo_window"]
        for action_id in pair:
            Action.objects.filter(pk=action_id).update(status="cancelled", lane=None)


def test_what_is_about_the_person_and_goes_to_nobody_is_not_beside_it(
    team: Team, tmp_path: Path, settings: Any
) -> None:
    with provider(SLACK, team, settings, tmp_path):
        params = {"channel": "C0SALES001", "text": "About Ana"}
        proposal = Proposal(contact_id=str(team.ana.pk))
        op = operations.get("approvals.send_slack_message")
        about = operations.submit(agent(team), op, params, Request(proposal=proposal))
        mail = of_agent(team)

        assert build.card(team.reviewer, mail).others == []
        assert build.card(team.reviewer, about["action_id"]).others == []
