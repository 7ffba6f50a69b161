"""Whom the ledger wrote to, as filters and segments see it."""

from datetime import timedelta

from approvals.models import Action, Attempt
from approvals.sending.loop import run_once
from core import clock
from core.access import Role
from crm import filters
from crm.models import Contact, Message, SegmentMember
from crm.tasks import refresh_segments
from tests import factories
from tests.approvals.conftest import Team, approve
from tests.mail import Sink

QUIET = {"not_contacted_days": 7}


def found(team: Team) -> list[str]:
    rows = filters.contacts_matching(team.reviewer, filters.parse(QUIET))
    return sorted(email.partition("@")[0] for email in rows.values_list("email", flat=True))


def test_only_a_delivered_e_mail_is_a_contact(team: Team, sink: Sink) -> None:
    action_id = team.draft_mail()["action_id"]
    assert found(team) == ["ana"]
    approve(team.reviewer, action_id)
    assert found(team) == ["ana"]

    assert run_once("w") == 1

    assert found(team) == []
    # Sent messages also count in the conversation; this query reads the ledger.
    assert Message.objects.filter(direction="out").delete()[0] == 1
    assert found(team) == []
    Attempt.objects.update(ended_at=clock.now() - timedelta(days=8))
    assert found(team) == ["ana"]
    Attempt.objects.update(ended_at=clock.now())
    Action.objects.filter(pk=action_id).update(status="failed")
    assert found(team) == ["ana"]


def test_a_hidden_copy_counts_for_whom_it_went_to(team: Team, sink: Sink) -> None:
    factories.contact(team.place, "bob@umbrella.example", name="Bob Berg")
    approve(team.reviewer, team.draft_mail(bcc=["bob@umbrella.example"])["action_id"])

    run_once("w")

    assert found(team) == []


def test_a_delivery_elsewhere_is_none_here(team: Team, sink: Sink) -> None:
    other = factories.workspace("Globex")
    bob = factories.contact(other, "ana@umbrella.example")
    approve(team.reviewer, team.draft_mail()["action_id"])
    run_once("w")

    assert Contact.objects.filter(pk=bob.pk, workspace=other).exists()
    gil = factories.person(factories.member(other, "Gil", Role.REVIEWER))
    rows = filters.contacts_matching(gil, filters.parse(QUIET))
    assert [str(row.pk) for row in rows] == [str(bob.pk)]


def test_who_was_written_to_leaves_the_segment_with_the_next_run(team: Team, sink: Sink) -> None:
    segment = factories.segment(team.place, filter=QUIET)
    refresh_segments()
    assert SegmentMember.objects.filter(segment=segment).count() == 1

    approve(team.reviewer, team.draft_mail()["action_id"])
    run_once("w")
    refresh_segments()

    assert not SegmentMember.objects.filter(segment=segment).exists()
