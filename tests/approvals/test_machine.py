"""The life of actions under any order of events: hypothesis plays people, workers and crashes."""

import contextlib
import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from approvals.cards import build
from approvals.ledger import expiry
from approvals.models import Action, Step, Stop, Suppression
from approvals.sending import claim
from approvals.sending.deliver import LeaseLost, _begin, _delivery, deliver
from approvals.sending.loop import run_once
from approvals.stopping import kill_switch
from approvals.suppression.changes import lift, suppress
from approvals.vocabulary import HELD, STATUS_TABLE, TRANSITIONS, Detail, Status
from core import clock
from core.actor import Actor
from core.errors import AppError
from core.models import AuditEntry
from crm.models import Contact, Message, Thread
from identities.providers.email.executor import EmailExecutor
from tests import factories
from tests.approvals.conftest import decide, make_team
from tests.mail import Received, Sink

pytestmark = [pytest.mark.slow, pytest.mark.each_database]

WHICH = st.integers(0, 1)
SECOND = timedelta(seconds=1)


class Ledger(RuleBasedStateMachine):
    """Two e-mails to Ana. `approved` holds the content of the last approval of each."""

    sink: Sink

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.before = len(self.sink.received())
        self.team = make_team()
        self.ids: list[str] = []
        self.approved: dict[str, dict[str, Any]] = {}
        self.sent_before_stop = self.sent_before_unsubscribing = 0

    @initialize()
    def open_the_team(self) -> None:
        """Two drafts, one of them approved: most that can go wrong begins there."""
        self.draft()
        self.draft()
        self.approve(which=0)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def _one(self, which: int) -> Action | None:
        return Action.objects.get(pk=self.ids[which % len(self.ids)]) if self.ids else None

    @rule()
    def draft(self) -> None:
        if len(self.ids) < 2:
            answer = self.team.draft_mail(subject=f"Mail {len(self.ids)}")
            self.ids.append(answer["action_id"])

    @rule(which=WHICH, words=st.sampled_from(["one", "two", "three"]))
    def edit(self, which: int, words: str) -> None:
        action = self._one(which)
        if action is not None:
            params = action.params | {"body": words}
            self._try("edit", action, params=params)

    @rule(which=WHICH)
    def approve(self, which: int) -> None:
        action = self._one(which)
        if action is None:
            return
        card = build.card(self.team.reviewer, str(action.pk))
        shown = {"fingerprint": card.fingerprint, "seen": card.seen}
        try:
            decide(self.team.reviewer, "approve", str(action.pk), **shown)
        except AppError:
            return
        self.approved[str(action.pk)] = Action.objects.get(pk=action.pk).rendered or {}

    @rule(which=WHICH, verdict=st.sampled_from(["reject", "undo"]))
    def stop(self, which: int, verdict: str) -> None:
        action = self._one(which)
        if action is not None:
            self._try(verdict, action)

    @rule(which=WHICH)
    def expire(self, which: int) -> None:
        action = self._one(which)
        if action is not None:
            Action.objects.filter(pk=action.pk).update(expires_at=clock.now() - SECOND)
        expiry.expire_due()

    @rule()
    def dispatch(self) -> None:
        run_once("w")

    @rule(which=WHICH, how=st.sampled_from(["before", "begun", "sent"]))
    def crash(self, which: int, how: str) -> None:
        """A worker dies: before its attempt, before the call, or before the record of it."""
        action = self._one(which)
        if action is None or action.status not in HELD or not claim.claim(action, "dead"):
            return
        if how != "before" and not self._is_in_the_way():
            attempt = _begin(action, "dead")
            if how == "sent":
                EmailExecutor().deliver(_delivery(action, attempt))
        self._pass_lease(action)

    @rule(which=WHICH)
    def wake_up_late(self, which: int) -> None:
        """A worker claims, freezes past its lease, another round passes, then it goes on."""
        action = self._one(which)
        if action is None or action.status not in HELD or not claim.claim(action, "frozen"):
            return
        self._pass_lease(action)
        run_once("w")
        with contextlib.suppress(LeaseLost, AppError):
            deliver(action, "frozen")

    @rule(address=st.sampled_from(["ana@umbrella.example", "ana@elsewhere.example"]))
    def change_address(self, address: str) -> None:
        rows = Contact.objects.filter(pk=self.team.ana.pk)
        rows.update(email=address, version=F("version") + 1)

    @rule()
    def press_stop(self) -> None:
        kill_switch.stop(self.team.reviewer)
        self.sent_before_stop = len(self._received())

    @rule()
    def resume(self) -> None:
        with contextlib.suppress(AppError), transaction.atomic():
            kill_switch.resume(factories.person(self.team.alice).with_fresh_login())

    @rule()
    def unsubscribe(self) -> None:
        """Ana unsubscribes her first address; subscribing again is another rule."""
        system = Actor.for_job("unsubscribe", str(self.team.place.pk))
        suppress(system, "ana@umbrella.example", "unsubscribed")
        self.sent_before_unsubscribing = len(self._received())

    @rule()
    def let_in_again(self) -> None:
        for row in Suppression.objects.filter(lifted_at=None):
            lift(factories.person(self.team.alice), str(row.pk), "She asked.")

    @rule()
    def reply(self) -> None:
        moment = clock.now()
        thread, _ = Thread.objects.get_or_create(
            workspace=self.team.place,
            contact=self.team.ana,
            source="imap",
            external_id="t",
            defaults={"last_message_at": moment, "created_at": moment},
        )
        Message.objects.create(
            workspace=self.team.place,
            thread=thread,
            external_id=f"m{Message.objects.count()}",
            direction="in",
            from_address="ana@umbrella.example",
            sent_at=moment,
            created_at=moment,
        )

    def _is_in_the_way(self) -> bool:
        """Whether a worker would have been stopped before it started."""
        return Stop.objects.filter(resumed_at=None).exists() or self._unsubscribed()

    def _unsubscribed(self) -> bool:
        return Suppression.objects.filter(lifted_at=None).exists()

    def _received(self) -> list[Received]:
        return self.sink.received()[self.before :]

    def _pass_lease(self, action: Action) -> None:
        Action.objects.filter(pk=action.pk).update(lease_until=clock.now() - SECOND)

    def _try(self, verdict: str, action: Action, **data: Any) -> None:
        with contextlib.suppress(AppError), transaction.atomic():
            decide(self.team.reviewer, verdict, str(action.pk), **data)

    @invariant()
    def each_status_carries_its_details_only(self) -> None:
        for action in Action.objects.all():
            assert Detail(action.status_detail) in STATUS_TABLE[Status(action.status)][1]

    @invariant()
    def every_change_has_its_step_and_its_audit_row(self) -> None:
        for action in Action.objects.all():
            steps = list(action.steps.order_by("at", "id"))
            last = steps[-1]
            assert (last.status, last.status_detail, last.fingerprint) == (
                action.status,
                action.status_detail,
                action.fingerprint,
            )
            audited = AuditEntry.objects.filter(object_ids__action_id=str(action.pk))
            assert audited.filter(verb__startswith="approvals.action.").count() >= len(steps)
            self._moves_are_listed(steps)

    def _moves_are_listed(self, steps: list[Step]) -> None:
        for earlier, later in itertools.pairwise(steps):
            assert Status(later.status) in TRANSITIONS[Status(earlier.status)]

    @invariant()
    def a_mail_goes_out_once_and_as_it_was_approved(self) -> None:
        received = self._received()
        subjects = [str(message.mime["Subject"]) for message in received]
        assert len(set(subjects)) == len(subjects)
        for message, subject in zip(received, subjects, strict=True):
            action_id = self.ids[int(subject.removeprefix("Mail "))]
            rendered = self.approved[action_id]
            assert message.part("plain") == rendered["text"]
            assert message.rcpt_to == rendered["envelope_to"]
            assert Action.objects.get(pk=action_id).status in {"completed", "failed", "running"}

    @invariant()
    def nothing_begins_while_it_is_stopped(self) -> None:
        if Stop.objects.filter(resumed_at=None).exists():
            assert len(self._received()) == self.sent_before_stop

    @invariant()
    def nothing_goes_to_whoever_unsubscribed(self) -> None:
        if self._unsubscribed():
            later = self._received()[self.sent_before_unsubscribing :]
            assert all("ana@umbrella.example" not in row.rcpt_to for row in later)

    @invariant()
    def only_what_is_on_its_way_has_a_lane_or_a_time(self) -> None:
        for action in Action.objects.filter(status=Status.PENDING):
            assert (action.lane, action.runs_at, action.decided_by_id) == (None, None, None)

    @invariant()
    def what_is_done_was_sent(self) -> None:
        received = self._received()
        subjects = {str(message.mime["Subject"]) for message in received}
        for action in Action.objects.filter(status=Status.COMPLETED):
            assert action.params["subject"] in subjects


@pytest.mark.django_db
def test_whatever_happens_a_mail_goes_out_once_as_approved_and_the_ledger_says_so(
    sink: Sink,
) -> None:
    Ledger.sink = sink
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],  # shrinking would play hundreds of mails
            suppress_health_check=list(HealthCheck),
        ),
    )
