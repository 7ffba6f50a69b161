"""Mail as part of a conversation: replies, bounces, known recipients, unsubscribes."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from approvals.known_recipients import known_among
from approvals.models import Action, Attempt, Attention, Suppression
from approvals.sending import inbound
from approvals.sending.loop import run_once
from core import clock
from core.actor import Actor
from core.errors import NotFound, ValidationFailed
from crm.models import Message, Thread
from crm.services import mail_threads
from crm.services.mail_threads import Mail
from identities.inbound import InboundMail
from identities.providers.email import unsubscribe_link
from tests import factories
from tests.approvals.conftest import Team, approve, decide
from tests.mail import Received, Sink

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def sent(team: Team, sink: Sink, **changes: Any) -> Action:
    """A mail that was approved and went out."""
    action_id = team.mail(**changes)
    approve(team.reviewer, action_id)
    run_once("w")
    return Action.objects.get(pk=action_id)


def arrived(team: Team, text: str = "Tell me more.", **facts: Any) -> Thread:
    """A conversation that Ana began; returns it."""
    system = Actor.for_job("test", str(team.place.pk))
    told: dict[str, Any] = {
        "message_id": "question@umbrella.example",
        "references": (),
        "direction": "in",
        "sender": team.ana.email,
        "recipients": ("mia.moss@acme.example", "bob@umbrella.example"),
        "subject": "Prices",
        "text": text,
        "sent_at": clock.now() - timedelta(hours=1),
        "sharing": "full",
        "owner_id": None,
    }
    mail_threads.store_message(system, team.ana, Mail(**(told | facts)))
    return Thread.objects.get()


def came_back(team: Team, action: Action, **changes: Any) -> None:
    receipt = action.receipt or {}
    told: dict[str, Any] = {
        "kind": "bounced",
        "workspace_id": str(team.place.pk),
        "address": team.ana.email,
        "about": receipt["provider_id"].strip("<>"),
        "at": clock.now(),
    }
    inbound.handle(InboundMail(**(told | changes)))


def only(sink: Sink) -> Received:
    (received,) = sink.received()
    return received


# --- answers ---


def test_an_answer_hangs_on_its_conversation(team: Team, sink: Sink) -> None:
    thread = arrived(team)
    action = sent(team, sink, contact_id=None, thread_id=str(thread.pk), subject="Re: Prices")

    received = only(sink)
    assert received.rcpt_to == [team.ana.email]
    assert received.mime["In-Reply-To"] == "<question@umbrella.example>"
    assert received.mime["References"] == "<question@umbrella.example>"
    assert action.status == "completed"
    kept = Message.objects.get(direction="out")
    assert (str(kept.thread_id), kept.body) == (str(thread.pk), received.part("plain"))


def test_an_answer_goes_only_to_its_people(team: Team) -> None:
    thread = arrived(team)
    team.mail(contact_id=None, to=["bob@umbrella.example"], thread_id=str(thread.pk))
    with pytest.raises(ValidationFailed, match="only to participants of the conversation"):
        team.mail(contact_id=None, to=["eve@evil.example"], thread_id=str(thread.pk))
    with pytest.raises(ValidationFailed):
        team.mail(thread_id=str(thread.pk), bcc=["eve@evil.example"])
    assert Action.objects.count() == 1


def test_another_message_in_between_does_not_change_what_was_approved(
    team: Team, sink: Sink
) -> None:
    thread = arrived(team)
    action_id = team.mail(thread_id=str(thread.pk))
    before = Action.objects.get(pk=action_id).fingerprint
    arrived(team, message_id="more@umbrella.example", references=("question@umbrella.example",))
    assert team.card(action_id).fingerprint == before
    assert Thread.objects.get().messages.count() == 2


def test_a_link_she_sent_herself_is_no_surprise(team: Team) -> None:
    thread = arrived(team, text="See https://umbrella.example/plan and tell me.")
    body = "Your https://umbrella.example/plan is good, like https://elsewhere.example/"
    red = Action.objects.get(pk=team.mail(thread_id=str(thread.pk), body=body)).red_reasons
    assert "new link to elsewhere.example" in red
    assert "new link to umbrella.example" not in red


def test_a_conversation_one_may_not_read_can_not_be_answered(team: Team) -> None:
    shy = arrived(team, sharing="subject_and_time", owner_id=str(team.alice.user_id))
    with pytest.raises(ValidationFailed, match="not shared"):
        team.mail(thread_id=str(shy.pk))
    Thread.objects.update(sharing="owner_only")
    with pytest.raises(NotFound):
        team.mail(thread_id=str(shy.pk))
    Thread.objects.update(sharing="subject_and_time", owner_id=str(team.mia.user_id))
    action_id = team.mail(thread_id=str(shy.pk))
    assert approve(team.reviewer, action_id)["decision"] == "approved"


def test_a_foreign_conversation_is_a_missing_one(team: Team) -> None:
    thread = arrived(Team.at(factories.workspace("Globex"), "ana"))
    said = []
    for thread_id in (str(thread.pk), "thr_01jd0000000000000000000000", "nonsense"):
        with pytest.raises(NotFound) as refusal:
            team.mail(thread_id=thread_id)
        said.append(refusal.value.message)
    assert len(set(said)) == 1


# --- who is known ---


def test_a_verified_answer_makes_known_and_any_other_does_not(team: Team) -> None:
    place, ana = str(team.place.pk), team.ana.email
    arrived(team)
    assert known_among(place, [ana]) == set()
    again = ("question@umbrella.example",)
    arrived(team, message_id="checked@umbrella.example", references=again, verified=True)
    assert known_among(place, [ana]) == {ana}
    assert known_among(str(factories.workspace("Globex").pk), [ana]) == set()


# --- bounces ---


def test_two_emails_that_begin_a_conversation_at_once_are_in_one(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def before_the_thread_is_written() -> datetime:
        monkeypatch.undo()
        question = ("question@umbrella.example",)
        arrived(team, message_id="reminder@umbrella.example", references=question)
        return clock.now()

    patched = SimpleNamespace(now=before_the_thread_is_written)
    monkeypatch.setattr(mail_threads, "clock", patched)
    thread = arrived(team)

    assert Thread.objects.count() == 1
    assert {row.external_id for row in thread.messages.all()} == {
        "question@umbrella.example",
        "reminder@umbrella.example",
    }


def test_mail_that_came_back_is_failed_and_its_address_left_alone(team: Team, sink: Sink) -> None:
    action = sent(team, sink)
    came_back(team, action)
    came_back(team, action)  # the same report again

    action.refresh_from_db()
    assert (action.status, action.status_detail) == ("failed", "bounced")
    held = Suppression.objects.get()
    assert (held.address, held.reason) == (team.ana.email, "bounced")


@pytest.mark.parametrize(
    "lie",
    [
        {"about": "somebody.elses@acme.example"},
        {"about": "1.2.att_01jd0000000000000000000000@acme.example"},
        {"address": "ceo@customer.example"},
    ],
    ids=["no-id-of-ours", "made-up", "not-its-recipient"],
)
def test_a_report_about_other_mail_changes_nothing(
    team: Team, sink: Sink, lie: dict[str, str]
) -> None:
    action = sent(team, sink)
    came_back(team, action, **lie)
    altered = (action.receipt or {})["provider_id"].strip("<>").replace("acme", "evil")
    came_back(team, action, about=altered)
    came_back(team, action, workspace_id=str(factories.workspace("Globex").pk))

    action.refresh_from_db()
    assert action.status == "completed"
    assert not Suppression.objects.exists()
    came_back(team, action)  # the control: a true one bites
    assert Suppression.objects.count() == 1


def test_a_complaint_leaves_the_message_sent_and_the_address_alone(team: Team, sink: Sink) -> None:
    action = sent(team, sink)
    came_back(team, action, kind="complaint")
    action.refresh_from_db()
    assert action.status == "completed"
    assert Suppression.objects.get().reason == "complained"
    asked = Attention.objects.filter(action=action, kind="complaint", closed_at=None)
    assert {str(row.user_id) for row in asked} == {
        str(team.mia.user_id),
        str(team.rex.user_id),
    }


# --- unsubscribing ---


def link_in(received: Received) -> str:
    return str(received.mime["List-Unsubscribe"]).strip("<>")


def path_in(received: Received) -> str:
    return link_in(received)[len("http://127.0.0.1:8000") :]


@pytest.fixture
def visitor(settings: Any) -> Client:
    """A client with a link and no login."""
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"
    return Client(headers={"host": "127.0.0.1"}, enforce_csrf_checks=True)


def test_a_look_at_the_link_changes_nothing_and_one_press_ends_it(
    team: Team, sink: Sink, visitor: Client
) -> None:
    sent(team, sink)
    received = only(sink)
    assert received.mime["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    for method in (visitor.get, visitor.head):
        assert method(path_in(received)).status_code == 200
    assert not Suppression.objects.exists()
    for _ in range(2):  # RFC 8058 3.2: as a mail program posts it
        assert visitor.post(path_in(received), ONE_CLICK).status_code == 200
    assert Suppression.objects.get().reason == "unsubscribed"
    page = visitor.get(path_in(received)).content.decode()
    assert "You are unsubscribed" in page
    assert team.ana.email not in page, "a forwarded link does not tell the address"


def test_a_link_we_did_not_make_is_none(team: Team, sink: Sink, visitor: Client) -> None:
    sent(team, sink)
    path = path_in(only(sink))
    attempt = Attempt.objects.get()
    for bad in (f"{path[:-3]}x/", path.replace(str(attempt.pk), "att_01jd0000000000000000000000")):
        assert visitor.post(bad, ONE_CLICK).status_code == 404
    assert not Suppression.objects.exists()
    assert unsubscribe_link.attempt_of(str(attempt.pk)) is None


def test_with_several_recipients_nobody_could_tell_who_pressed(team: Team, sink: Sink) -> None:
    sent(team, sink, cc=["bob@umbrella.example"])
    assert only(sink).mime["List-Unsubscribe"] is None


def test_the_link_is_the_only_thing_added_to_what_was_approved(team: Team, sink: Sink) -> None:
    action_id = team.mail()
    shown = Action.objects.get(pk=action_id)
    decide(team.reviewer, "approve", action_id, fingerprint=shown.fingerprint)
    run_once("w")
    assert (shown.rendered or {})["list_unsubscribe"] is True
    assert path_in(only(sink)) not in str(shown.rendered)
