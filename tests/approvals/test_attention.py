"""A problem creates one attention item for each person, until they close it (attention-1)."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine

from accounts.models import Membership, Notice
from approvals.attention import alerts
from approvals.attention.kinds import How, Kind
from approvals.ledger import expiry
from approvals.models import Action, Attempt, Attention
from approvals.sending import claim
from approvals.sending.deliver import _begin
from approvals.sending.loop import run_once
from approvals.vocabulary import Detail, Status
from core import clock, operations
from core.access import Role, Scope
from core.actor import Actor
from core.errors import AppError, Conflict, Forbidden, NotFound
from core.models import AuditEntry
from identities import channels
from tests import factories
from tests.approvals.conftest import Team, approve, decide
from tests.mail import Sink
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def act(actor: Actor, verb: str, **data: Any) -> Any:
    return operations.submit(actor, operations.get(f"approvals.{verb}"), data)


def open_rows(action_id: str) -> set[tuple[str, str]]:
    """Who is asked to look, and why."""
    rows = Attention.objects.filter(subject_id=action_id, closed_at=None)
    return {(str(row.user_id), row.kind) for row in rows}


def both(team: Team, kind: str) -> set[tuple[str, str]]:
    return {(str(team.mia.user_id), kind), (str(team.rex.user_id), kind)}


def failed(team: Team, settings: Any) -> str:
    """An e-mail of Mia's app, approved by Rex, that no server took."""
    settings.UNDO_WINDOW_SECONDS = 0
    settings.SMTP_RELAY_URL = ""
    action_id = str(team.draft_mail()["action_id"])
    approve(team.reviewer, action_id)
    run_once("w")
    assert Action.objects.get(pk=action_id).status == Status.FAILED
    return action_id


def unknown(team: Team, settings: Any) -> str:
    """The same, whose worker died while it called."""
    settings.UNDO_WINDOW_SECONDS = 0
    action_id = str(team.draft_mail()["action_id"])
    approve(team.reviewer, action_id)
    action = Action.objects.get(pk=action_id)
    assert claim.claim(action, "w")
    _begin(action, "w")
    Action.objects.filter(pk=action_id).update(lease_until=clock.now() - timedelta(seconds=1))
    claim.recover_abandoned()
    action.refresh_from_db()
    assert action.status_detail == Detail.OUTCOME_UNKNOWN
    return action_id


# --- who gets an item, and for what ---


def test_a_failure_asks_requester_and_decider(team: Team, settings: Any) -> None:
    action_id = failed(team, settings)

    assert open_rows(action_id) == both(team, "failed")
    told = Notice.objects.filter(kind="attention")
    assert {str(notice.user_id) for notice in told} == {
        str(team.mia.user_id),
        str(team.rex.user_id),
    }
    assert {notice.facts["what"] for notice in told} == {"E-mail: failed"}
    assert "name" not in told[0].facts


def test_an_unknown_outcome_asks_both(team: Team, settings: Any) -> None:
    assert open_rows(unknown(team, settings)) == both(team, "outcome_unknown")


def test_what_nobody_decided_in_time_asks_whoever_wanted_it(team: Team) -> None:
    action_id = str(team.draft_mail()["action_id"])
    with time_machine.travel(clock.now() + timedelta(days=8)):
        expiry.expire_due()

    assert open_rows(action_id) == {(str(team.mia.user_id), "expired")}


def test_what_is_overdue_asks_until_it_is_decided_again(team: Team, settings: Any) -> None:
    settings.UNDO_WINDOW_SECONDS = 0
    action_id = str(team.draft_mail()["action_id"])
    approve(team.reviewer, action_id)
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        run_once("w")
        assert Action.objects.get(pk=action_id).status_detail == Detail.OVERDUE
        assert open_rows(action_id) == both(team, "overdue")
        approve(team.reviewer, action_id)

    assert open_rows(action_id) == set()
    assert set(Attention.objects.values_list("how", flat=True)) == {"moved_on"}


def test_an_edit_that_voids_an_approval_asks_all_but_the_editor(team: Team) -> None:
    action_id = str(team.draft_mail()["action_id"])
    params = Action.objects.get(pk=action_id).params | {"body": "Changed"}
    decide(team.reviewer, "edit", action_id, params=params)
    assert open_rows(action_id) == set()  # nothing was approved yet
    approve(team.reviewer, action_id)

    decide(factories.person(team.mia), "edit", action_id, params=params | {"body": "Again"})

    assert open_rows(action_id) == {(str(team.rex.user_id), "voided")}
    approve(team.reviewer, action_id)
    assert open_rows(action_id) == set()


def test_where_nobody_of_them_is_left_the_admins_are_asked(team: Team, settings: Any) -> None:
    Membership.objects.filter(pk__in=[team.mia.pk, team.rex.pk]).update(is_active=False)

    alerts.raise_(
        str(team.place.pk),
        Kind.SWITCHED_OFF,
        "ag_1",
        [str(team.mia.user_id), str(team.rex.user_id), None],
        about="The agent Follow-up",
        path="/agents/",
    )

    assert open_rows("ag_1") == {(str(team.alice.user_id), "switched_off")}


def test_a_broken_channel_asks_its_owner_and_the_admins_once(team: Team) -> None:
    break_it = partial(
        alerts.raise_for_channel,
        str(team.place.pk),
        Kind.CHANNEL_BROKEN,
        "id_1",
        str(team.mia.user_id),
        about="The sender Mia Moss",
        path="/settings/senders/",
    )
    for _ in range(200):
        break_it()

    rows = Attention.objects.filter(subject_id="id_1")
    assert {(str(row.user_id), row.count) for row in rows} == {
        (str(team.mia.user_id), 200),
        (str(team.alice.user_id), 200),
    }
    assert Notice.objects.count() == 2
    alerts.close_alerts(str(team.place.pk), "id_1", How.MOVED_ON)
    break_it()
    assert rows.filter(closed_at=None).count() == 2


def test_a_refused_password_calls_for_attention_until_a_test_succeeds(team: Team) -> None:
    mailbox = team.mailer.mailbox
    channels.note_failure(mailbox, "The mail server rejected the login.")
    rows = Attention.objects.filter(subject_id=str(mailbox.pk), closed_at=None)
    assert {row.kind for row in rows} == {"channel_broken"}
    assert str(team.alice.user_id) in {str(row.user_id) for row in rows}
    channels.recover(mailbox)
    assert not rows.all().exists()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_open_one_row(team: Team) -> None:
    person = [str(team.mia.user_id)]
    step = partial(
        alerts.raise_,
        str(team.place.pk),
        Kind.CHANNEL_BROKEN,
        "id_1",
        person,
        about="The sender",
        path="/x/",
    )
    _, refused = at_once([step] * 8)

    assert refused == []
    row = Attention.objects.get()
    assert 1 <= row.count <= 8
    assert Notice.objects.count() == 1


def test_an_action_of_an_unknown_type_is_asked_about_too(team: Team) -> None:
    action_id = str(team.draft_mail()["action_id"])
    Action.objects.filter(pk=action_id).update(
        type="gone", status=Status.RUNNING, rendered=None, lease_owner="w", attempts=1
    )
    action = Action.objects.get(pk=action_id)
    Attempt.objects.create(
        workspace=team.place, action=action, number=1, worker="w", begun_at=clock.now()
    )
    Action.objects.filter(pk=action_id).update(lease_until=clock.now() - timedelta(seconds=1))

    claim.recover_abandoned()

    assert {kind for _, kind in open_rows(action_id)} == {"outcome_unknown"}
    assert Attention.objects.all()[0].about == "Action of an unknown type"


# --- seen, drop, again ---


def test_seen_closes_ones_own_row_and_nobody_elses(team: Team, settings: Any) -> None:
    action_id = failed(team, settings)

    answer = act(team.reviewer, "attention.seen", subject_id=action_id)

    assert answer["attention_count"] == 0
    assert open_rows(action_id) == {(str(team.mia.user_id), "failed")}
    assert act(team.reviewer, "attention.seen", subject_id=action_id)["result"]["closed"] == 0
    entry = AuditEntry.objects.filter(verb="approvals.attention.seen").first()
    assert entry is not None
    assert entry.object_ids == {"subject_id": action_id}


def test_drop_closes_everybodys_rows_and_stands_in_the_history(team: Team, settings: Any) -> None:
    action_id = failed(team, settings)

    act(team.reviewer, "attention.drop", subject_id=action_id)

    assert open_rows(action_id) == set()
    assert Action.objects.get(pk=action_id).status == Status.FAILED
    assert Action.objects.get(pk=action_id).steps.filter(what="dropped", who="Rex").exists()


def test_another_workspace_s_member_and_a_bystander_do_nothing(team: Team, settings: Any) -> None:
    action_id = failed(team, settings)
    gil = factories.person(factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN))
    max_ = factories.person(factories.member(team.place, "Max", Role.MEMBER))
    vic = factories.person(team.vic)

    steps: dict[str, dict[str, str]] = {
        "attention.drop": {"subject_id": action_id},
        "action.again": {"action_id": action_id},
    }
    for verb, data in steps.items():
        with pytest.raises(NotFound):
            act(gil, verb, **data)
        for other in (max_, vic):
            with pytest.raises(Forbidden):
                act(other, verb, **data)
    for other in (gil, max_, vic):
        with pytest.raises(NotFound):
            act(other, "attention.seen", subject_id=action_id)
    for missing in ("act_01jd0000000000000000000000", "nonsense"):
        for verb in ("attention.seen", "attention.drop"):
            with pytest.raises(NotFound):
                act(team.reviewer, verb, subject_id=missing)
    assert open_rows(action_id) == both(team, "failed")


def test_drafted_again_it_waits_linked_to_the_old_one(team: Team, settings: Any) -> None:
    action_id = failed(team, settings)

    made = act(factories.person(team.mia), "action.again", action_id=action_id)["result"]

    new = Action.objects.get(pk=made["action_id"])
    old = Action.objects.get(pk=action_id)
    assert (new.status, str(new.replaces_id)) == (Status.PENDING, action_id)
    assert (new.params, new.rendered) == (old.params, old.rendered)
    assert new.policy["why"] == "Needs approval: drafted again by Mia."
    assert [row.address for row in new.recipients.all()] == ["ana@umbrella.example"]
    assert open_rows(action_id) == set()
    twice = act(factories.person(team.mia), "action.again", action_id=action_id)["result"]
    assert twice["action_id"] == made["action_id"]


def test_a_reviewers_own_again_waits_too(team: Team, settings: Any) -> None:
    action_id = failed(team, settings)

    made = act(team.reviewer, "action.again", action_id=action_id)["result"]

    assert Action.objects.get(pk=made["action_id"]).status == Status.PENDING


def test_what_was_undone_is_back_in_the_queue_by_one_press(team: Team) -> None:
    action_id = str(team.draft_mail()["action_id"])
    approve(team.reviewer, action_id)
    decide(team.reviewer, "undo", action_id)

    made = act(team.reviewer, "action.again", action_id=action_id)["result"]

    assert Action.objects.get(pk=made["action_id"]).status == Status.PENDING


def test_what_goes_out_was_turned_down_or_is_unknown_is_not_drafted_again(
    team: Team, settings: Any
) -> None:
    waiting = str(team.draft_mail()["action_id"])
    rejected = str(team.draft_mail(subject="Other")["action_id"])
    decide(team.reviewer, "reject", rejected)
    lost = unknown(team, settings)

    for action_id in (rejected, lost):
        with pytest.raises(Conflict, match="Only failed, expired or withdrawn actions"):
            act(team.reviewer, "action.again", action_id=action_id)
    assert waiting


# --- an unknown outcome ---


def test_a_person_says_that_it_went_out(team: Team, settings: Any) -> None:
    action_id = unknown(team, settings)

    act(team.reviewer, "action.settle", action_id=action_id, outcome="went_out")

    action = Action.objects.get(pk=action_id)
    assert (action.status, action.status_detail) == (Status.COMPLETED, "")
    assert action.receipt is not None
    assert action.receipt["sentence"] == "Rex confirmed that it was sent."
    assert open_rows(action_id) == set()
    assert not Attempt.objects.filter(ended_at=None).exists()
    assert AuditEntry.objects.filter(verb="approvals.action.said to be out").exists()


def test_a_person_sends_the_same_bytes_again(team: Team, settings: Any, sink: Sink) -> None:
    action_id = unknown(team, settings)
    before = Action.objects.get(pk=action_id)

    act(team.reviewer, "action.settle", action_id=action_id, outcome="send_again")
    assert Action.objects.get(pk=action_id).status == Status.APPROVED
    assert open_rows(action_id) == set()
    run_once("w2")

    action = Action.objects.get(pk=action_id)
    assert (action.status, action.attempts) == (Status.COMPLETED, 2)
    assert action.fingerprint == before.fingerprint
    [got] = sink.received()
    assert before.rendered is not None
    assert got.part("plain") == before.rendered["text"]


def test_sent_again_it_is_held_for_an_undo(team: Team, settings: Any, sink: Sink) -> None:
    action_id = unknown(team, settings)
    settings.UNDO_WINDOW_SECONDS = 13

    act(team.reviewer, "action.settle", action_id=action_id, outcome="send_again")
    run_once("w2")

    assert sink.received() == []
    decide(team.reviewer, "undo", action_id)
    assert Action.objects.get(pk=action_id).status == Status.CANCELLED


def test_a_worker_that_dies_before_its_call_is_not_taken_for_the_first(
    team: Team, settings: Any
) -> None:
    action_id = unknown(team, settings)
    act(team.reviewer, "action.settle", action_id=action_id, outcome="send_again")
    action = Action.objects.get(pk=action_id)
    assert claim.claim(action, "w2")
    Action.objects.filter(pk=action_id).update(lease_until=clock.now() - timedelta(seconds=1))

    claim.recover_abandoned()

    assert Action.objects.get(pk=action_id).status == Status.APPROVED


def test_dropped_it_stays_unknown_and_asks_nobody(team: Team, settings: Any) -> None:
    action_id = unknown(team, settings)

    act(team.reviewer, "action.settle", action_id=action_id, outcome="drop")

    assert Action.objects.get(pk=action_id).status_detail == Detail.OUTCOME_UNKNOWN
    assert open_rows(action_id) == set()


def test_only_a_person_who_reviews_settles_and_only_what_is_unknown(
    team: Team, settings: Any, sink: Sink
) -> None:
    action_id = unknown(team, settings)
    rex_app = factories.app(team.rex, frozenset(Scope))

    for other in (factories.person(team.mia), rex_app, factories.person(team.vic)):
        for outcome in ("went_out", "send_again", "drop"):
            with pytest.raises(Forbidden):
                act(other, "action.settle", action_id=action_id, outcome=outcome)
    with pytest.raises(AppError, match="not one of the valid values"):
        act(team.reviewer, "action.settle", action_id=action_id, outcome="maybe")
    known = str(team.draft_mail(subject="Other")["action_id"])
    with pytest.raises(Conflict, match="outcome of this action is already known"):
        act(team.reviewer, "action.settle", action_id=known, outcome="send_again")
    run_once("w2")
    assert sink.received() == []


@pytest.mark.django_db(transaction=True)
def test_two_who_send_again_at_once_send_once(team: Team, settings: Any, sink: Sink) -> None:
    action_id = unknown(team, settings)
    press = partial(act, team.reviewer, "action.settle", action_id=action_id, outcome="send_again")

    answers, refused = at_once([press] * 4)
    run_once("w2")
    run_once("w3")

    assert (len(answers), len(refused)) == (1, 3)
    assert len(sink.received()) == 1


# --- where it shows ---


def test_the_review_begins_with_five_and_the_total(team: Team) -> None:
    for number in range(7):
        alerts.raise_(
            str(team.place.pk),
            Kind.SWITCHED_OFF,
            f"ag_{number}",
            [str(team.mia.user_id)],
            about=f"The agent {number}",
            path="/agents/",
        )

    review = act(team.claude, "action.review")

    assert next(iter(review)) == "attention"
    assert review["attention"]["total"] == 7
    assert [row["subject_id"] for row in review["attention"]["items"]] == [
        f"ag_{number}" for number in (6, 5, 4, 3, 2)
    ]
    assert review["attention"]["items"][0]["what"] == "The agent 6: was disabled"
    assert act(team.reviewer, "action.review")["attention"] == {"items": [], "total": 0}


def test_changing_answers_carry_the_count_now_and_reads_do_not(team: Team, settings: Any) -> None:
    action_id = failed(team, settings)
    key = {"idempotency_key": "k1"}

    assert team.draft_mail(subject="One", request=key)["attention_count"] == 1
    act(factories.person(team.mia), "attention.seen", subject_id=action_id)
    replayed = team.draft_mail(subject="One", request=key)
    assert (replayed["replayed"], replayed["attention_count"]) == (True, 0)
    assert "attention_count" not in act(team.claude, "action.list")
    blind = factories.app(team.mia, frozenset({Scope.ACTIONS_WRITE}))
    assert "attention_count" not in team.draft_mail(blind, subject="Two")
