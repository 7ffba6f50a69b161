"""`manage.py demo` against the database."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.core.management.base import CommandError
from django.test import RequestFactory

from accounts.models import Membership, User, Workspace
from approvals.cards import build
from approvals.known_recipients import known_among
from approvals.models import Action, Attempt
from approvals.vocabulary import Detail, Status
from core.access import Role
from core.actor import Actor
from core.models import AuditEntry
from crm.models import Company, Contact, Event, Message, Note, StageChange, Thread
from crm.tasks import erase_deleted
from identities.models import Identity
from pathbound_mcp.checks import DEMO_PASSWORD
from tests import factories
from tests.demo.conftest import ACME_SIZE, GLOBEX, NOW, by_hand, run_demo

TABLES = (
    *(Workspace, User, Membership, Company, Contact, Event, Note, Identity, Action, AuditEntry),
    *(Thread, Message, StageChange),
)
# One filled demo for all of them.
pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(autouse=True)
def _afternoon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def _counts() -> dict[str, int]:
    return {table.__name__: table.objects.count() for table in TABLES}


def _rex() -> Actor:
    return factories.person(Membership.objects.get(user__email="rex@acme.test"))


def test_both_workspaces_are_filled_and_everybody_can_log_in(filled: str) -> None:
    out = filled

    roles = set(Membership.objects.values_list("user__email", "workspace__slug", "role"))
    assert roles == {
        ("ada@acme.test", "acme", Role.ADMIN),
        ("rex@acme.test", "acme", Role.REVIEWER),
        ("mia@acme.test", "acme", Role.MEMBER),
        ("vic@acme.test", "acme", Role.VIEWER),
        ("gil@globex.test", "globex", Role.ADMIN),
    }
    operator = User.objects.get(email="ops@demo.test")
    assert operator.is_staff
    assert operator.is_superuser
    assert not operator.memberships.exists()
    request = RequestFactory().post("/login/")
    assert authenticate(request, username="mia@acme.test", password=DEMO_PASSWORD)
    for slug, size in (("acme", ACME_SIZE), ("globex", GLOBEX)):
        assert Contact.objects.filter(workspace__slug=slug).count() >= size.contacts
        assert Event.objects.filter(workspace__slug=slug).count() >= size.events
    assert "events added" in out


def test_running_it_again_adds_nothing(filled: str) -> None:
    before = _counts()

    out = run_demo()

    assert _counts() == before
    assert out.count("today is there") == 2  # and nothing is simulated again
    assert len(out.splitlines()) == 2


def test_running_it_two_days_later_adds_the_two_days(filled: str) -> None:
    first = set(Event.objects.values_list("pk", flat=True))

    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        run_demo()

    added = Event.objects.exclude(pk__in=first)
    assert first <= set(Event.objects.values_list("pk", flat=True))
    days = Counter(moment.date() for moment in added.values_list("timestamp", flat=True))
    assert {NOW.date() + timedelta(days=n) for n in range(3)} <= set(days)
    assert sum(count for day, count in days.items() if day < NOW.date()) == 0


def test_what_somebody_changed_in_the_demo_stays(filled: str) -> None:
    contact = Contact.objects.get(email="lucia.ferrer@aguaviva.example")
    Contact.objects.filter(pk=contact.pk).update(jobtitle="CEO", email="l@aguaviva.example")
    User.objects.filter(email="vic@acme.test").update(name="Victoria")

    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        run_demo()

    contact.refresh_from_db()
    assert (contact.jobtitle, contact.email) == ("CEO", "l@aguaviva.example")
    assert not Contact.objects.filter(email="lucia.ferrer@aguaviva.example").exists()
    assert User.objects.get(email="vic@acme.test").name == "Victoria"


def test_other_numbers_than_the_first_ones_are_refused(filled: str) -> None:
    with pytest.raises(CommandError, match="--contacts 20 --events 300 --seed 1"):
        run_demo("--seed=2")


def test_twelve_drafts_wait_and_some_are_red(filled: str) -> None:
    shown = build.queue(_rex())
    everything = [build.card(_rex(), row.action_id) for row in shown.rows]
    found = [card for card in everything if not card.agent_id]
    assert all(card.who == "Pricing follow-up" for card in everything if card.agent_id)
    assert Counter(card.type for card in found) == {
        "email_message": 6,
        "update_contact": 3,
        "linkedin_message": 1,
        "send_slack_message": 1,
        "create_task": 1,
    }
    assert all(card.who == "Claude at claude.ai" and card.evidence for card in found)
    assert not any(drift.stops for card in found for drift in card.drift)
    reasons = {reason for card in found for reason in card.red}
    assert "changes E-mail" in reasons
    assert "new link to odoo-connecteur.example" in reasons
    assert Action.objects.pending().exclude(scheduled_time=None).count() == 1
    assert any(e.kind == "note" for card in found for e in card.evidence)


def test_the_history_is_whole_and_lies_in_the_past(filled: str) -> None:
    done = by_hand().filter(status=Status.COMPLETED)
    assert done.count() == 12
    assert Attempt.objects.filter(outcome=Status.COMPLETED).count() == 12
    for action in done:
        card = build.card(_rex(), str(action.pk))
        assert [step.what for step in card.history] == ["drafted", "approved", "claimed", "sent"]
        assert [step.at for step in card.history] == sorted(step.at for step in card.history)
        assert card.history[-1].at <= NOW
        assert card.receipt
        assert card.body
        assert card.decided_by == "Rex Okafor"
    rejected = Action.objects.filter(status=Status.REJECTED)
    assert all(action.decision and action.decision["reason"] for action in rejected)
    assert rejected.count() == 3


def test_some_recipients_are_known_and_some_are_not(filled: str) -> None:
    place = Workspace.objects.get(slug="acme")
    wanted = {"ingrid.halvorsen@nordvarme.example", "priya.raman@sunfield-solar.example"}

    assert known_among(str(place.pk), wanted) == {"ingrid.halvorsen@nordvarme.example"}


def test_nothing_of_the_demo_is_due_to_be_sent(filled: str) -> None:
    assert not Action.objects.due(NOW + timedelta(days=30)).exists()


def test_a_draft_nobody_decided_is_proposed_again(filled: str) -> None:
    old = Action.objects.pending().get(params__subject="Routes for solar crews")
    Action.objects.filter(pk=old.pk).update(status=Status.CANCELLED, status_detail=Detail.EXPIRED)

    run_demo()

    again = Action.objects.pending().get(params__subject="Routes for solar crews")
    assert again.pk != old.pk


def test_three_outside_notes_try_to_give_orders(filled: str) -> None:
    outside = Note.objects.filter(workspace__slug="acme", source="external")
    assert outside.count() == 10
    for words in ("dear AI", "AI system processing", "automated assistant"):
        assert outside.filter(content__contains=words).count() == 1
    assert not Note.objects.exclude(source="external").filter(content__contains="dear AI").exists()


def test_emails_that_were_sent_are_conversations_with_their_answers(filled: str) -> None:
    sent = Action.objects.filter(type="email_message", status="completed")
    found = Thread.objects.filter(external_id__in=[f"demo-{action.pk}" for action in sent])
    assert found.count() == sent.count() > 8
    aoife = Thread.objects.get(contact__email="aoife.brennan@bluegate.example")
    first, second = aoife.messages.order_by("sent_at")
    assert (first.direction, second.direction) == ("out", "in")
    told = aoife.contact.events.get(event="email_reply")
    assert second.sent_at == aoife.last_message_at == told.timestamp
    assert User.objects.get(pk=aoife.owner_id).email == "mia@acme.test"


def test_a_later_run_goes_on_and_begins_nothing_anew_that_was_deleted(filled: str) -> None:
    before = set(Thread.objects.values_list("pk", flat=True))
    gone = Thread.objects.order_by("created_at").first()
    assert gone is not None
    Thread.objects.filter(pk=gone.pk).update(deleted_at=NOW - timedelta(days=31))
    erase_deleted()

    with time_machine.travel(NOW + timedelta(days=14), tick=False):
        run_demo()

    after = set(Thread.objects.values_list("pk", flat=True))
    assert str(gone.pk) not in after
    assert before - {gone.pk} < after
    assert Message.objects.filter(sent_at__gt=NOW).exists()
    for thread in Thread.objects.all():
        latest = thread.messages.order_by("-sent_at").first()
        assert latest is not None
        assert latest.sent_at == thread.last_message_at


def test_nobody_who_was_deleted_is_written_to(filled: str) -> None:
    Contact.objects.update(deleted_at=NOW)
    threads = Thread.objects.count()

    with time_machine.travel(NOW + timedelta(days=14), tick=False):
        run_demo()

    new = Thread.objects.filter(created_at__gt=NOW)
    assert not new.filter(contact__deleted_at__isnull=False).exists()
    assert Thread.objects.count() == threads + new.count()
