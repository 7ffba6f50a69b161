"""Sending: the approved draft, once and unchanged, or a person is notified why not."""

import socket
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from accounts.models import Membership
from approvals.ledger import expiry
from approvals.models import Action, Attempt, Recipient
from approvals.sending import claim
from approvals.sending.deliver import LeaseLost, _begin, deliver
from approvals.sending.loop import run_once
from core import clock
from crm.models import Contact
from identities.models import Identity, Mailbox
from tests import factories
from tests.approvals.conftest import Team, approve, decide
from tests.mail import Sink


def approved_mail(team: Team, **changes: Any) -> Action:
    action_id = team.draft_mail(**changes)["action_id"]
    approve(team.reviewer, action_id)
    return Action.objects.get(pk=action_id)


def test_what_was_approved_is_what_arrives(team: Team, sink: Sink) -> None:
    body = "Grüße, **Ana**!\n\nSee [our page](https://acme.example/p?a=1&b=2).\n\n.\n.. dots"
    action = approved_mail(team, subject="Zürich ☕ on Monday", body=body)

    assert run_once("w") == 1

    (received,) = sink.received()
    rendered = Action.objects.get(pk=action.pk).rendered
    assert rendered is not None
    assert received.mail_from == rendered["envelope_from"]
    assert received.rcpt_to == rendered["envelope_to"]
    assert received.mime["From"] == rendered["from"]
    assert received.mime["Reply-To"] == rendered["reply_to"]
    assert received.mime["Subject"] == rendered["subject"]
    assert received.part("plain") == rendered["text"]
    assert received.part("html").rstrip("\n") == rendered["html"]
    done = Action.objects.get(pk=action.pk)
    assert done.status == "completed"
    assert done.receipt is not None
    assert done.receipt["provider_id"] == received.mime["Message-ID"]


def test_a_hidden_copy_is_in_the_envelope_and_in_no_header(team: Team, sink: Sink) -> None:
    approved_mail(team, bcc=["boss@acme.example"], cc=["cc@acme.example"])

    run_once("w")

    (received,) = sink.received()
    assert received.rcpt_to == ["ana@umbrella.example", "cc@acme.example", "boss@acme.example"]
    assert "boss@acme.example" not in received.mime.as_string()
    assert received.mime["Cc"] == "cc@acme.example"


def test_nothing_leaves_before_the_undo_window_ends(team: Team, sink: Sink, settings: Any) -> None:
    settings.UNDO_WINDOW_SECONDS = 60
    action = approved_mail(team)
    assert run_once("w") == 0

    decide(team.reviewer, "undo", str(action.pk))
    Action.objects.filter(pk=action.pk).update(runs_at=clock.now())

    assert run_once("w") == 0
    assert sink.received() == []
    assert Action.objects.get(pk=action.pk).status_detail == "undone"


def test_a_scheduled_mail_waits_for_its_time(team: Team, sink: Sink) -> None:
    action = approved_mail(team, scheduled_time=clock.now() + timedelta(hours=2))

    assert action.status == "scheduled"
    assert run_once("w") == 0

    Action.objects.filter(pk=action.pk).update(runs_at=clock.now())
    assert run_once("w") == 1
    assert len(sink.received()) == 1


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("the contact's address", lambda o: Contact.objects.filter(pk=o.ana.pk).update(
            email="ana@elsewhere.example")),
        ("the signature", lambda o: Identity.objects.filter(pk=o.mailer.pk).update(
            signature="Somebody else")),
        ("the sender's address", lambda o: Mailbox.objects.update(address="other@acme.example")),
        ("the contact is gone", lambda o: Contact.objects.filter(pk=o.ana.pk).update(
            deleted_at=clock.now())),
        ("the sender is gone", lambda o: Identity.objects.update(is_active=False)),
    ],
)  # fmt: skip
def test_what_changed_after_approval_sends_nothing_and_returns_the_card(
    team: Team, sink: Sink, what: str, changes: Any
) -> None:
    action = approved_mail(team)
    changes(team)

    run_once("w")

    back = Action.objects.get(pk=action.pk)
    assert sink.received() == [], what
    assert (back.status, back.status_detail) == ("pending_approval", "drifted"), what
    assert back.decided_by is None


def test_a_requester_who_left_sends_nothing(team: Team, sink: Sink) -> None:
    action = approved_mail(team)
    Membership.objects.filter(pk=team.mia.pk).update(is_active=False)

    run_once("w")

    back = Action.objects.get(pk=action.pk)
    assert (back.status, back.status_detail) == ("cancelled", "rights_lost")
    assert sink.received() == []


def test_a_decider_who_was_demoted_sends_it_back(team: Team, sink: Sink) -> None:
    action = approved_mail(team)
    Membership.objects.filter(pk=team.rex.pk).update(role="member")

    run_once("w")

    assert Action.objects.get(pk=action.pk).status == "pending_approval"
    assert sink.received() == []


def test_a_refused_message_fails_with_a_sentence_and_is_not_tried_again(
    team: Team, sink: Sink, settings: Any
) -> None:
    settings.SMTP_RELAY_URL = "smtp://127.0.0.1:9"
    settings.OUTBOUND_OPERATOR_ORIGINS = [settings.SMTP_RELAY_URL]
    action = approved_mail(team)

    run_once("w")
    run_once("w")

    failed = Action.objects.get(pk=action.pk)
    assert (failed.status, failed.status_detail, failed.attempts) == ("failed", "", 1)
    assert failed.receipt is not None
    assert "server" in failed.receipt["sentence"]


def test_a_worker_lost_while_sending_is_an_unknown_outcome(team: Team, sink: Sink) -> None:
    action = approved_mail(team)
    claim.claim(action, "dead")
    Attempt.objects.create(
        workspace_id=action.workspace_id,
        action=action,
        number=1,
        worker="dead",
        fingerprint=action.fingerprint,
        begun_at=clock.now(),
    )
    Action.objects.filter(pk=action.pk).update(lease_until=clock.now() - timedelta(seconds=1))

    run_once("w")

    lost = Action.objects.get(pk=action.pk)
    assert (lost.status, lost.status_detail) == ("failed", "outcome_unknown")
    assert sink.received() == []


def test_a_worker_lost_before_sending_loses_nothing(team: Team, sink: Sink) -> None:
    action = approved_mail(team)
    claim.claim(action, "dead")
    Action.objects.filter(pk=action.pk).update(lease_until=clock.now() - timedelta(seconds=1))

    run_once("w")

    assert Action.objects.get(pk=action.pk).status == "completed"
    assert len(sink.received()) == 1


def test_a_frozen_worker_that_wakes_up_late_does_not_send(team: Team, sink: Sink) -> None:
    action = approved_mail(team)
    claim.claim(action, "frozen")
    Action.objects.filter(pk=action.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    run_once("w")

    with pytest.raises(LeaseLost):
        deliver(action, "frozen")

    assert len(sink.received()) == 1


def test_delivered_mail_makes_its_recipient_known(team: Team, sink: Sink) -> None:
    approved_mail(team)
    run_once("w")

    second = team.draft_mail(factories.app(team.alice), subject="Second")

    assert Action.objects.get(pk=second["action_id"]).red_reasons == []
    assert Recipient.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_eight_workers_send_twenty_mails_once_each(
    request: pytest.FixtureRequest, sink: Sink
) -> None:
    team: Team = request.getfixturevalue("team")
    for number in range(20):
        approved_mail(team, subject=f"Mail {number}")

    def work(name: str) -> None:
        while run_once(name):
            pass
        connections.close_all()

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A busy database may have cost a worker its claim: what it had not started is released.
    past = clock.now() - timedelta(seconds=1)
    Action.objects.filter(status="running").update(lease_until=past)
    while run_once("late"):
        pass

    subjects = sorted(received.mime["Subject"] for received in sink.received())
    assert subjects == sorted(f"Mail {number}" for number in range(20))
    assert not Action.objects.exclude(status="completed").exists()
    assert connection.vendor in {"sqlite", "postgresql"}


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_wins_and_the_other_is_told(
    request: pytest.FixtureRequest, sink: Sink
) -> None:
    team: Team = request.getfixturevalue("team")
    action_id = team.draft_mail()["action_id"]
    barrier, answers = threading.Barrier(2), []

    def press(actor: Any) -> None:
        barrier.wait()
        try:
            answers.append(approve(actor, action_id)["decision"])
        except Exception as error:  # noqa: BLE001 - whatever it says is the result
            answers.append(type(error).__name__)
        connections.close_all()

    people = [team.reviewer, factories.person(team.alice)]
    threads = [threading.Thread(target=press, args=(actor,)) for actor in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run_once("w")

    assert sorted(answers) in (["AlreadyDecided", "approved"], ["Conflict", "approved"])
    assert len(sink.received()) == 1


def test_a_worker_whose_lease_ran_out_does_not_begin(team: Team, sink: Sink) -> None:
    action = approved_mail(team)
    claim.claim(action, "slow")
    Action.objects.filter(pk=action.pk).update(lease_until=clock.now() - timedelta(seconds=1))

    with pytest.raises(LeaseLost):
        deliver(action, "slow")

    assert sink.received() == []


def test_what_an_app_let_through_needs_its_owners_right_until_it_goes_out(
    team: Team, sink: Sink
) -> None:
    approved_mail(team)
    run_once("w")
    trusted = factories.app(team.alice, factories.ALL_SCOPES)
    answer = team.draft_mail(trusted, subject="By itself", request={"require_approval": False})
    assert answer["status"] == "scheduled"
    Membership.objects.filter(pk=team.alice.pk).update(role="member")

    run_once("w")

    assert Action.objects.get(pk=answer["action_id"]).status == "pending_approval"
    assert len(sink.received()) == 1


def test_what_comes_back_gets_new_time_to_decide(team: Team, sink: Sink) -> None:
    action = approved_mail(team)
    past = clock.now() - timedelta(seconds=1)
    Action.objects.filter(pk=action.pk).update(expires_at=past, send_by=past)

    run_once("w")

    assert expiry.expire_due() == 0
    back = Action.objects.get(pk=action.pk)
    assert (back.status, back.status_detail) == ("pending_approval", "overdue")
    assert approve(team.reviewer, str(action.pk))["decision"] == "approved"


@pytest.mark.django_db(transaction=True)
def test_the_attempt_is_committed_before_the_server_is_called(
    request: pytest.FixtureRequest, settings: Any
) -> None:
    """A server of our own looks into the database the moment it is called, then hangs up."""
    team: Team = request.getfixturevalue("team")
    settings.UNDO_WINDOW_SECONDS = 0
    seen: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.SMTP_RELAY_URL = f"smtp://127.0.0.1:{server.getsockname()[1]}"
        settings.OUTBOUND_OPERATOR_ORIGINS = [settings.SMTP_RELAY_URL]

        def look() -> None:
            caller, _ = server.accept()
            seen.append(Attempt.objects.filter(ended_at=None).count())
            connections.close_all()
            caller.close()

        observer = threading.Thread(target=look)
        observer.start()
        approved_mail(team)
        run_once("w")
        observer.join()

    assert seen == [1]


def stopped_with(action: Action, *, attempted: bool) -> Action:
    """The action after its worker stopped and its lease ran out."""
    claim.claim(action, "stopped")
    action.refresh_from_db()
    if attempted:
        _begin(action, "stopped")
    Action.objects.filter(pk=action.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    assert claim.recover_abandoned() == 1
    return Action.objects.get(pk=action.pk)


def test_the_card_says_that_the_worker_stopped_while_sending(team: Team) -> None:
    lost = stopped_with(approved_mail(team), attempted=True)

    assert (lost.status, lost.status_detail) == ("failed", "outcome_unknown")
    assert lost.receipt == {"sentence": "The worker stopped while sending; the outcome is unknown."}
    assert lost.steps.latest("at").what == "worker lost"


@pytest.mark.parametrize("status", ["approved", "auto_approved"])
def test_what_was_not_begun_is_let_through_again_as_before(team: Team, status: str) -> None:
    action = approved_mail(team)
    if status == "auto_approved":
        Action.objects.filter(pk=action.pk).update(status=status, decided_by=None)
        action.refresh_from_db()

    freed = stopped_with(action, attempted=False)

    assert (freed.status, freed.lease_owner, freed.lease_until) == (status, "", None)
