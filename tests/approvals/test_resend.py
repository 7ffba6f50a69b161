"""Resend: the sender's own address, a whole segment only by a person who has just logged in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from approvals.cards import build
from approvals.models import Action
from approvals.sending.loop import run_once
from core.access import Scope
from core.errors import Changed, Forbidden, ValidationFailed
from crm.models import Message
from fakes.resend import SEGMENT, TOKEN
from tests import factories
from tests.approvals.conftest import Team, approve
from tests.approvals.fake_providers import (
    BROADCAST,
    CONTACT,
    EMAIL,
    again,
    approved,
    draft,
    due_now,
    provider,
)
from tests.approvals.test_policy import make_known
from tests.fakes import Provider


@pytest.fixture
def resend(team: Team, settings: Any, tmp_path: Path) -> Iterator[Provider]:
    with provider(EMAIL, team, settings, tmp_path) as started:
        yield started


def body(resend: Provider) -> dict[str, Any]:
    (line,) = [line for line in resend.lines() if line["method"] == "POST"]
    found: dict[str, Any] = json.loads(line["body"])
    return found


def test_a_mail_is_from_its_sender_with_text_and_html(team: Team, resend: Provider) -> None:
    approved(EMAIL, team, cc=["cc@acme.example"], bcc=["boss@acme.example"])
    run_once("w")

    sent = body(resend)
    assert sent["from"] == "Mia Moss <mia.moss@acme.example>"
    assert sent["reply_to"] == "mia.moss@acme.example"
    assert sent["to"] == ["ana@umbrella.example"]
    assert (sent["cc"], sent["bcc"]) == (["cc@acme.example"], ["boss@acme.example"])
    assert sent["text"] == "Hi **Ana**!\n\nMia Moss\nAcme\n"
    assert "<strong>Ana</strong>" in sent["html"]
    assert set(sent) == {"from", "to", "cc", "bcc", "reply_to", "subject", "text", "html"}


def test_first_messages_links_and_hidden_copies_are_red(team: Team, resend: Provider) -> None:
    answer = draft(EMAIL, team, text="https://evil.example", bcc=["boss@acme.example"])

    assert set(Action.objects.get(pk=answer["action_id"]).red_reasons) == {
        "first message to ana@umbrella.example",
        "first message to boss@acme.example",
        "bcc to boss@acme.example",
        "new link to evil.example",
    }


def test_a_delivered_mail_makes_known_and_a_listed_contact_does_not(
    team: Team, resend: Provider
) -> None:
    approved(CONTACT, team)
    run_once("w")
    listed = draft(EMAIL, team)
    assert Action.objects.get(pk=listed["action_id"]).red_reasons

    approve(team.reviewer, listed["action_id"])
    run_once("w")

    known = draft(EMAIL, team, subject="Second")
    assert Action.objects.get(pk=known["action_id"]).red_reasons == []


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"contact_id": None}, None),
        ({"to": ["a@b.example, c@d.example"]}, "to"),
        ({"to": [f"p{n}@x.example" for n in range(6)]}, "to"),
        ({"subject": "two\nlines"}, "subject"),
        ({"text": ""}, "text"),
        ({"html": "<p>x</p>"}, "html"),
    ],
)
def test_a_mail_that_does_not_fit_is_refused(
    team: Team, resend: Provider, params: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        draft(EMAIL, team, **params)
    assert refusal.value.field == field


def test_a_contact_is_added_with_what_we_know(team: Team, resend: Provider) -> None:
    approved(CONTACT, team)
    run_once("w")

    assert body(resend) == {
        "email": "ana@umbrella.example",
        "first_name": "Ana",
        "last_name": "Ng",
        "segments": [{"id": SEGMENT}],
    }


def test_setting_consent_is_red(team: Team, resend: Provider) -> None:
    make_known(team, "ana@umbrella.example")
    plain, consent = draft(CONTACT, team), draft(CONTACT, team, unsubscribed=False)

    assert Action.objects.get(pk=plain["action_id"]).red_reasons == []
    assert Action.objects.get(pk=consent["action_id"]).red_reasons == ["sets consent in Resend"]


def test_somebody_new_comes_on_a_list_by_a_person_s_press_only(
    team: Team, resend: Provider
) -> None:
    trusted = factories.app(team.alice, factories.ALL_SCOPES)
    action_id = draft(CONTACT, team, contact_id=None, email="new@elsewhere.example")["action_id"]

    assert approve(trusted, action_id)["status"] == "needs_person"
    run_once("w")
    assert resend.lines() == []
    approve(team.reviewer, action_id)
    run_once("w")

    assert body(resend)["email"] == "new@elsewhere.example"


def test_a_broadcast_ends_with_the_way_out(team: Team, resend: Provider) -> None:
    approved(BROADCAST, team)
    run_once("w")

    sent = body(resend)
    assert sent["send"] is True
    assert "Unsubscribe: {{{RESEND_UNSUBSCRIBE_URL}}}" in sent["text"]
    assert 'href="{{{RESEND_UNSUBSCRIBE_URL}}}"' in sent["html"]
    assert "scheduled_at" not in sent


def test_a_broadcast_needs_a_person_with_a_fresh_login(team: Team, resend: Provider) -> None:
    action_id = draft(BROADCAST, team)["action_id"]
    trusted = factories.app(team.alice, factories.ALL_SCOPES)
    assert Scope.ACTIONS_APPROVE in (trusted.scopes or ())

    assert approve(trusted, action_id)["status"] == "needs_person"
    with pytest.raises(Forbidden, match="password"):
        approve(team.reviewer, action_id)
    assert Action.objects.get(pk=action_id).status == "pending_approval"
    run_once("w")
    assert resend.lines() == []

    shown = build.shown(team.reviewer, action_id)
    approve(team.reviewer.with_fresh_login(), action_id, audience=shown.audience_token)
    run_once("w")
    assert len(resend.effects()) == 1


def test_a_segment_that_is_not_there_is_not_approved(team: Team, resend: Provider) -> None:
    action_id = draft(BROADCAST, team, segment_id="not-there")["action_id"]

    card = build.shown(team.reviewer, action_id)

    assert card.audience == ("The audience could not be counted: Resend has no such segment.")
    with pytest.raises(Changed, match="audience size"):
        approve(team.reviewer.with_fresh_login(), action_id, audience=card.audience_token)


def joined(resend: Provider, number: int) -> None:
    """Adds `number` people to the list."""
    for one in range(number):
        httpx.post(
            f"{resend.origin}/contacts",
            json={"email": f"late{one}@list.example", "segments": [{"id": SEGMENT}]},
            headers={"Authorization": f"Bearer {TOKEN}"},
        ).raise_for_status()


def test_a_card_says_how_many_people_a_broadcast_reaches(team: Team, resend: Provider) -> None:
    action_id = draft(BROADCAST, team)["action_id"]

    assert (
        build.shown(team.reviewer, action_id).audience
        == "Will be sent to 120 people (counted just now)."
    )
    joined(resend, 3)
    assert (
        build.shown(team.reviewer, action_id).audience
        == "Will be sent to 123 people (counted just now)."
    )


@pytest.mark.parametrize(("more", "goes_out"), [(12, True), (13, False)])
def test_a_broadcast_that_reaches_many_more_people_comes_back(
    team: Team, resend: Provider, more: int, goes_out: bool
) -> None:
    action = approved(BROADCAST, team)
    assert (action.decision or {})["audience"] == 120
    joined(resend, more)

    run_once("w")

    assert len(resend.lines("/broadcasts")) == goes_out
    after = again(action)
    if goes_out:
        assert after.status == "completed"
        return
    assert (after.status, after.status_detail) == ("pending_approval", "drifted")
    assert (after.receipt or {})["sentence"] == (
        "It would now reach 133 people; it was 120 when approved."
    )
    shown = build.shown(team.reviewer, str(action.pk))
    approve(team.reviewer.with_fresh_login(), shown.action_id, audience=shown.audience_token)
    run_once("w")
    assert len(resend.lines("/broadcasts")) == 1


def test_a_count_of_another_draft_approves_nothing(team: Team, resend: Provider) -> None:
    first, second = (draft(BROADCAST, team, subject=word)["action_id"] for word in ("1", "2"))
    foreign = build.shown(team.reviewer, first).audience_token

    for token in ("", "made-up", foreign):
        with pytest.raises(Changed):
            approve(team.reviewer.with_fresh_login(), second, audience=token)

    assert Action.objects.get(pk=second).status == "pending_approval"


def test_nobody_approves_what_cannot_be_counted_and_a_busy_resend_is_waited_for(
    team: Team, resend: Provider
) -> None:
    action = approved(BROADCAST, team)
    counting = f"/segments/{SEGMENT}/contacts"
    resend.fault(counting, "status", status=429)

    run_once("w")

    assert again(action).status_detail == "waiting_provider"
    assert resend.lines("/broadcasts") == []
    due_now(action)
    run_once("w")
    assert again(action).status == "completed"
    resend.fault(counting, "status", status=500)
    card = build.shown(team.reviewer, draft(BROADCAST, team, subject="2")["action_id"])
    assert ("could not be counted" in card.audience, card.audience_token) == (True, "")


def test_a_delivered_mail_is_part_of_the_conversation(team: Team, resend: Provider) -> None:
    action = approved(EMAIL, team, cc=["cc@acme.example"], bcc=["boss@acme.example"])
    run_once("w")

    assert again(action).status == "completed"
    kept = Message.objects.get(thread__contact=team.ana)
    assert kept.from_address == "mia.moss@acme.example"
    assert kept.to_addresses == ["ana@umbrella.example", "cc@acme.example"]
    assert kept.body == "Hi **Ana**!\n\nMia Moss\nAcme\n"
