"""Many at once, on real transactions: one step wins, the rest get errors, nothing is sent twice."""

import itertools
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from approvals.ledger import expiry
from approvals.models import Action, Attempt
from approvals.sending.claim import _settle, claim
from approvals.sending.deliver import _begin
from approvals.sending.loop import run_once
from approvals.vocabulary import TRANSITIONS, Status
from core import clock
from core.access import Role
from tests import factories
from tests.approvals.conftest import Team, decide
from tests.mail import Sink
from tests.rounds import rounds
from tests.threads import verdicts

pytestmark = [pytest.mark.slow, pytest.mark.each_database]

REAL = pytest.mark.django_db(transaction=True)
TOLD = {"already_decided", "changed", "conflict", "unavailable"}


@pytest.fixture
def real_team(request: pytest.FixtureRequest) -> Team:
    """The team, in a test whose transactions are real."""
    team: Team = request.getfixturevalue("team")
    return team


def is_consistent(action_id: str) -> bool:
    """Whether the history is a chain of listed moves that ends where the row is."""
    action = Action.objects.get(pk=action_id)
    steps = [Status(step.status) for step in action.steps.order_by("at", "id")]
    moves = itertools.pairwise(steps)
    return steps[-1] == action.status and all(b in TRANSITIONS[a] for a, b in moves)


@REAL
def test_of_fifty_reviewers_one_approves_and_it_goes_out_once(real_team: Team, sink: Sink) -> None:
    people = [
        factories.person(factories.member(real_team.place, f"Rev{number}", Role.REVIEWER))
        for number in range(50)
    ]
    for number in range(rounds(10)):
        action_id = real_team.draft_mail(subject=f"Round {number}")["action_id"]
        action = Action.objects.get(pk=action_id)

        answers = verdicts(*(_change("approve", actor, action) for actor in people))

        assert answers.count("done") == 1
        assert set(answers) <= TOLD | {"done"}
        steps = Action.objects.get(pk=action_id).steps
        assert steps.filter(what="approved").count() == 1
        run_once("w")
    assert len(sink.received()) == rounds(10)


@REAL
def test_any_two_calls_at_once_leave_one_legal_history(real_team: Team, sink: Sink) -> None:
    choose = random.Random(20)  # noqa: S311 - which steps meet, not a secret
    alice = factories.person(real_team.alice)
    ada = factories.person(factories.member(real_team.place, "Ada", Role.ADMIN))
    for number in range(rounds(100)):
        action_id = real_team.draft_mail(subject=f"Pair {number}")["action_id"]
        action = Action.objects.get(pk=action_id)
        if choose.random() < 0.5:
            decide(alice, "approve", action_id, fingerprint=action.fingerprint)
        first, second = (
            _change(choose.choice(["approve", "reject", "edit", "undo"]), actor, action)
            for actor in (alice, ada)
        )

        answers = verdicts(first, second)

        assert set(answers) <= TOLD | {"done"}, answers
        assert is_consistent(action_id)
    while run_once("w"):
        pass
    subjects = [str(received.mime["Subject"]) for received in sink.received()]
    done = Action.objects.filter(status=Status.COMPLETED)
    assert sorted(subjects) == sorted(action.params["subject"] for action in done)


def _change(verb: str, actor: Any, action: Action) -> Callable[[], Any]:
    data: dict[str, dict[str, Any]] = {
        "approve": {"fingerprint": action.fingerprint},
        "edit": {"params": action.params | {"body": f"Changed by {actor.name}"}},
    }
    return lambda: decide(actor, verb, str(action.pk), **data.get(verb, {}))


@REAL
def test_one_of_approve_and_reject_wins(real_team: Team, sink: Sink) -> None:
    alice, rex = factories.person(real_team.alice), real_team.reviewer
    for number in range(rounds(30)):
        action_id = real_team.draft_mail(subject=f"Pair {number}")["action_id"]
        action = Action.objects.get(pk=action_id)

        yes, no = verdicts(_change("approve", alice, action), _change("reject", rex, action))

        action.refresh_from_db()
        # A later rejection stops an approved action (protocol-7): it must not be lost.
        expected = {
            ("done", "done"): "cancelled",
            ("done", "unavailable"): "approved",
            ("already_decided", "done"): "rejected",
            ("unavailable", "done"): "rejected",
        }
        assert expected[yes, no] == action.status
        assert is_consistent(action_id)


@REAL
def test_an_edit_against_an_approval_never_sends_what_was_not_approved(
    real_team: Team, sink: Sink
) -> None:
    alice, rex = factories.person(real_team.alice), real_team.reviewer
    approved: dict[str, str] = {}
    for number in range(rounds(100)):
        action_id = real_team.draft_mail(subject=f"Pair {number}", body="As shown")["action_id"]
        action = Action.objects.get(pk=action_id)
        approved[f"Pair {number}"] = (action.rendered or {})["text"]

        approve = _change("approve", alice, action)
        verdicts(_change("edit", rex, action), lambda: (approve(), run_once("w")))  # noqa: B023

        assert is_consistent(action_id)
    while run_once("w"):
        pass

    for received in sink.received():
        assert received.part("plain") == approved[str(received.mime["Subject"])]
    for action in Action.objects.filter(params__body__startswith="Changed"):
        assert action.status == Status.PENDING


@REAL
def test_a_dispatch_against_an_undo_either_sends_or_stops(real_team: Team, sink: Sink) -> None:
    for number in range(rounds(30)):
        action_id = real_team.draft_mail(subject=f"Pair {number}")["action_id"]
        action = Action.objects.get(pk=action_id)
        decide(real_team.reviewer, "approve", action_id, fingerprint=action.fingerprint)

        _, undone = verdicts(lambda: run_once("w"), _change("undo", real_team.reviewer, action))
        while run_once("w"):
            pass

        sent = any(str(m.mime["Subject"]) == f"Pair {number}" for m in sink.received())
        status = Action.objects.get(pk=action_id).status
        assert (sent, status) == ((False, "cancelled") if undone == "done" else (True, "completed"))


@REAL
def test_an_expiry_against_an_approval_ends_in_one_of_them(real_team: Team, sink: Sink) -> None:
    for number in range(rounds(30)):
        action_id = real_team.draft_mail(subject=f"Pair {number}")["action_id"]
        action = Action.objects.get(pk=action_id)
        ends = clock.now() + timedelta(milliseconds=number)
        Action.objects.filter(pk=action_id).update(expires_at=ends)

        answers = verdicts(_change("approve", real_team.reviewer, action), expiry.expire_due)

        action.refresh_from_db()
        if answers[0] == "done":
            assert action.status == "approved"
        else:
            assert (action.status, action.status_detail) in {
                ("cancelled", "expired"),
                ("pending_approval", ""),
            }
        assert is_consistent(action_id)


@REAL
def test_a_worker_that_begins_while_its_claim_is_being_freed_keeps_it(
    real_team: Team, sink: Sink
) -> None:
    action_id = real_team.draft_mail()["action_id"]
    action = Action.objects.get(pk=action_id)
    decide(real_team.reviewer, "approve", action_id, fingerprint=action.fingerprint)
    action.refresh_from_db()
    claim(action, "slow")
    seen_by_recovery = Action.objects.get(pk=action_id)
    _begin(action, "slow")

    assert not _settle(seen_by_recovery, attempted=False)

    assert Action.objects.get(pk=action_id).status == "running"
    assert Attempt.objects.count() == 1


@REAL
def test_the_same_draft_twice_at_once_is_answered_twice_and_kept_once_in_the_end(
    real_team: Team, sink: Sink
) -> None:
    first = real_team.draft_mail()

    answers = verdicts(*[real_team.draft_mail] * 4)

    assert set(answers) <= {"done", "unavailable"}
    assert Action.objects.count() == 1
    assert first["status"] == "queued"
