"""The checks before a message is sent: each one at proposal, approval and dispatch."""

import contextlib
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import actors
from accounts.models import Membership
from approvals.cards import build
from approvals.drafting import checks, open_hours
from approvals.models import Action, Suppression
from approvals.policy import changes as changing
from approvals.sending import claim
from approvals.sending.deliver import DaySpent, deliver
from approvals.sending.loop import run_once
from approvals.suppression import lookup
from approvals.suppression.changes import lift, suppress, suppress_by_hand
from core import clock, operations
from core.access import Role
from core.actor import Actor, ActorKind, Surface
from core.errors import Conflict, Forbidden, NotFound, ValidationFailed
from core.models import AuditEntry
from crm.models import Contact
from identities import send_counters
from identities.models import Identity
from tests import factories
from tests.approvals.conftest import Team, approve
from tests.approvals.test_policy import EXECUTING, make_known
from tests.mail import Sink

ANA = "ana@umbrella.example"
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PAGE = "/settings/suppression/"


def admin(team: Team) -> Actor:
    return factories.person(team.alice)


def agent(team: Team) -> Actor:
    return actors.for_membership(
        team.alice, kind=ActorKind.AGENT, surface=Surface.SYSTEM, scopes=factories.PROPOSING
    )


def approved(team: Team, **changes: Any) -> Action:
    action_id = team.draft_mail(**changes)["action_id"]
    approve(team.reviewer, action_id)
    return Action.objects.get(pk=action_id)


def unsubscribe(team: Team, address: str = ANA) -> Suppression:
    suppress(Actor.for_job("unsubscribe", str(team.place.pk)), address, "unsubscribed")
    return Suppression.objects.filter(address=address.lower()).latest("pk")


def set_sender(team: Team, **facts: Any) -> None:
    Identity.objects.filter(pk=team.mailer.pk).update(**facts)


# --- the suppression list


@pytest.mark.parametrize("kind", ["app", "trusted app", "key", "agent"])
def test_an_app_that_writes_to_a_suppressed_address_is_refused_with_the_reason(
    team: Team, kind: str
) -> None:
    unsubscribe(team)
    actor = {
        "app": team.claude,
        "trusted app": factories.app(team.rex, EXECUTING),
        "key": actors.for_membership(
            team.rex, kind=ActorKind.KEY, surface=Surface.REST, scopes=EXECUTING
        ),
        "agent": agent(team),
    }[kind]

    answer = team.draft_mail(actor)

    assert answer["status"] == "refused"
    assert f"{ANA} unsubscribed" in answer["why"]
    assert not Action.objects.exists()
    assert team.draft_mail(actor, contact_id=None, to="bo@b.example")["status"] == "queued"


def test_a_person_reads_it_on_the_card_before_the_decision(team: Team) -> None:
    unsubscribe(team)

    answer = team.draft_mail(team.reviewer)

    card = build.card(team.reviewer, answer["action_id"])
    assert answer["status"] == "queued"
    assert any(f"{ANA} unsubscribed" in notice for notice in card.notices)
    with pytest.raises(Conflict, match="Suppressed: ") as refusal:
        approve(team.reviewer, answer["action_id"])
    assert refusal.value.hint == "Reject it, or change the recipients."


@pytest.mark.parametrize("place", ["to", "cc", "bcc"])
def test_each_recipient_counts(team: Team, place: str) -> None:
    unsubscribe(team, "Copy@Umbrella.example")
    to: dict[str, Any] = {"to": ["x@umbrella.example"]} | {place: ["copy@umbrella.example"]}

    assert team.draft_mail(contact_id=None, **to)["status"] == "refused"


def test_what_was_approved_before_is_cancelled_right_before_the_call(
    team: Team, sink: Sink
) -> None:
    action = approved(team)
    unsubscribe(team)

    run_once("w")

    ended = Action.objects.get(pk=action.pk)
    assert (ended.status, ended.status_detail) == ("cancelled", "suppressed")
    assert sink.received() == []


def test_it_survives_the_contact_s_deletion_and_return(team: Team) -> None:
    unsubscribe(team)
    Contact.objects.filter(pk=team.ana.pk).update(deleted_at=clock.now())
    team.ana = factories.contact(team.place, ANA)

    assert team.draft_mail()["status"] == "refused"


def test_another_workspace_still_writes_to_the_address(team: Team) -> None:
    globex = factories.workspace("Globex")
    suppress(Actor.for_job("unsubscribe", str(globex.pk)), ANA, "unsubscribed")

    assert team.draft_mail()["status"] == "queued"


@pytest.mark.parametrize("name", ["vic", "mia", "rex", "alice"])
def test_only_an_admin_in_the_dashboard_puts_on_and_takes_off(team: Team, name: str) -> None:
    membership: Membership = getattr(team, name)
    entry = str(unsubscribe(team).pk)
    for actor in (factories.person(membership), factories.app(membership, factories.ALL_SCOPES)):
        if name == "alice" and actor.kind is ActorKind.PERSON:
            continue
        with pytest.raises(Forbidden):
            lift(actor, entry, "Because.")
        with pytest.raises(Forbidden):
            suppress_by_hand(actor, "bo@b.example")
    assert list(lookup.suppressed_among(str(team.place.pk), [ANA, "bo@b.example"])) == [ANA]


def test_taking_off_needs_a_reason_and_stays_on_record(team: Team) -> None:
    entry = str(unsubscribe(team).pk)
    with pytest.raises(ValidationFailed):
        lift(admin(team), entry, " ")
    lift(admin(team), entry, "She asked us to.")

    assert team.draft_mail()["status"] == "queued"
    row = Suppression.objects.get()
    assert (row.lifted_by_name, row.lifted_because) == ("Alice", "She asked us to.")
    assert AuditEntry.objects.filter(verb="approvals.suppression.lift").count() == 1
    with pytest.raises(NotFound):
        lift(admin(team), entry, "Again.")
    assert unsubscribe(team).pk != row.pk


def test_an_address_is_listed_once(team: Team) -> None:
    first = unsubscribe(team)

    suppress_by_hand(admin(team), " ANA@umbrella.example")
    assert Suppression.objects.get().pk == first.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Suppression.objects.create(
            workspace=team.place, address=ANA, reason="bounced", added_at=clock.now()
        )
    with pytest.raises(ValidationFailed):
        suppress_by_hand(admin(team), "not an address")


def test_the_page_lists_adds_and_takes_off(team: Team) -> None:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(team.alice.user)
    reader = Client(headers={"host": "127.0.0.1"})
    reader.force_login(team.vic.user)

    assert client.post(PAGE, {"address": "nobody"}).status_code == 400
    assert client.post(PAGE, {"address": "Bo@b.example", "note": "<b>Rude"}).status_code == 302
    assert reader.post(PAGE, {"address": "x@b.example"}).status_code == 403
    shown = reader.get(PAGE).content.decode()
    assert "bo@b.example" in shown
    assert "&lt;b&gt;Rude" in shown
    assert "bo@b.example" not in reader.get(f"{PAGE}?q=ana").content.decode()

    entry = Suppression.objects.get().pk
    assert reader.post(f"{PAGE}{entry}/lift/", {"because": "x"}).status_code == 403
    assert client.post(f"{PAGE}{entry}/lift/", {"because": ""}).status_code == 400
    assert client.post(f"{PAGE}sup_nowhere/lift/", {"because": "x"}).status_code == 404
    assert client.post(f"{PAGE}{entry}/lift/", {"because": "She wrote."}).status_code == 302
    assert lookup.suppressed_among(str(team.place.pk), ["bo@b.example"]) == {}


# --- how often one person is written to


def test_above_the_limit_for_one_person_nothing_goes_out_by_itself(team: Team, sink: Sink) -> None:
    make_known(team, ANA)
    trusted = factories.app(team.rex, EXECUTING)
    wish = {"require_approval": False}
    second = team.draft_mail(trusted, subject="2", request=wish)
    third = team.draft_mail(trusted, subject="3", request=wish)
    fourth = team.draft_mail(trusted, subject="4", request=wish)

    assert [second["status"], third["status"], fourth["status"]] == [
        "scheduled",
        "scheduled",
        "queued",
    ]
    assert f"{ANA} has 3 sent or pending messages in 7 days" in fourth["why"]
    card = build.card(team.reviewer, fourth["action_id"])
    assert any("from 3 on, each needs approval" in notice for notice in card.notices)
    chat = approve(factories.app(team.rex, factories.ALL_SCOPES), fourth["action_id"])
    assert chat["status"] == "needs_person"
    assert approve(team.reviewer, fourth["action_id"])["decision"] == "approved"
    run_once("w")
    assert len(sink.received()) == 3


def test_what_went_over_the_limit_meanwhile_waits_for_a_person(team: Team, sink: Sink) -> None:
    make_known(team, ANA)
    trusted = factories.app(team.rex, EXECUTING)
    answer = team.draft_mail(trusted, subject="2", request={"require_approval": False})
    changing.set_cap(admin(team), 0, 1, 7)

    run_once("w")

    back = Action.objects.get(pk=answer["action_id"])
    assert (back.status, sink.received()) == ("pending_approval", [])


def test_the_limit_is_the_workspace_s_own_and_raising_it_needs_the_password(
    team: Team,
) -> None:
    changing.set_cap(admin(team), 0, 0, 7)
    make_known(team, ANA)
    trusted = factories.app(team.rex, EXECUTING)

    assert team.draft_mail(trusted, request={"require_approval": False})["status"] == "queued"
    with pytest.raises(Forbidden):
        changing.set_cap(admin(team), 1, 5, 7)
    for wrong in ((-1, 7), (3, 0), (101, 7), (3, 91)):
        with pytest.raises(ValidationFailed):
            changing.set_cap(admin(team), 1, *wrong)


# --- later, by itself


def test_quiet_hours_put_it_off_and_the_answer_says_until_when(team: Team) -> None:
    set_sender(team, quiet_from=time(20), quiet_until=time(7))
    night = MONDAY.replace(hour=22)
    with time_machine.travel(night, tick=False):
        action_id = team.draft_mail()["action_id"]
        card = build.card(team.reviewer, action_id)
        answer = approve(team.reviewer, action_id)

    assert any("Quiet hours of Mia Moss" in notice for notice in card.notices)
    assert answer["status_detail"] == "waiting_quiet_hours"
    assert answer["runs_at"] == "2026-11-24T07:00:00Z"


def test_quiet_hours_that_began_after_the_approval_put_it_off_at_dispatch(
    team: Team, sink: Sink
) -> None:
    set_sender(team, quiet_from=time(20), quiet_until=time(7))
    with time_machine.travel(MONDAY.replace(hour=19, minute=59), tick=False) as moment:
        action = approved(team)
        moment.shift(120)
        run_once("w")
        held = Action.objects.get(pk=action.pk)
        assert (held.status, held.status_detail) == ("approved", "waiting_quiet_hours")
        assert held.runs_at == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
        assert sink.received() == []
        moment.shift(11 * 3600)
        run_once("w")
    assert len(sink.received()) == 1


def test_the_daily_limit_puts_off_to_the_next_day_of_the_zone(team: Team, sink: Sink) -> None:
    team.place.time_zone = "Asia/Kolkata"
    team.place.save()
    set_sender(team, email_daily_limit=1)
    with time_machine.travel(MONDAY, tick=False) as moment:
        approved(team)
        run_once("w")
        second = approved(team, subject="Second")
        assert second.status_detail == "waiting_daily_limit"
        assert second.runs_at == datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
        assert run_once("w") == 0
        moment.shift(9 * 3600)
        run_once("w")
    assert [row.mime["Subject"] for row in sink.received()] == ["Hello", "Second"]


def test_of_two_workers_at_the_day_s_last_message_one_sends(team: Team, sink: Sink) -> None:
    set_sender(team, email_daily_limit=1)
    first, second = approved(team), approved(team, subject="Second")
    for action in (first, second):
        claim.claim(action, "w")
    deliver(first, "w")
    others = tuple(check for check in checks.CHECKS if check is not checks.is_spent)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "CHECKS", others)  # it had looked before the first one counted
        with contextlib.suppress(DaySpent):
            deliver(second, "w")

    assert len(sink.received()) == 1
    assert send_counters.sent_today(team.mailer, "email_message") == 1


def test_a_gap_between_two_messages_is_kept(team: Team, sink: Sink) -> None:
    set_sender(team, minimum_gap_seconds=600)
    with time_machine.travel(MONDAY, tick=False) as moment:
        approved(team)
        run_once("w")
        second = approved(team, subject="Second")
        assert second.runs_at == MONDAY + timedelta(seconds=600)
        moment.shift(600)
        run_once("w")
    assert len(sink.received()) == 2


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (datetime(2026, 11, 23, 10, 0, tzinfo=UTC), None),
        (datetime(2026, 11, 23, 20, 0, tzinfo=UTC), datetime(2026, 11, 24, 6, 0, tzinfo=UTC)),
        (datetime(2026, 11, 27, 21, 0, tzinfo=UTC), datetime(2026, 11, 30, 6, 0, tzinfo=UTC)),
        (datetime(2026, 11, 28, 12, 0, tzinfo=UTC), datetime(2026, 11, 30, 6, 0, tzinfo=UTC)),
        # The night the clocks go forward: 7 o'clock comes an hour earlier in UTC.
        (datetime(2026, 3, 27, 20, 0, tzinfo=UTC), datetime(2026, 3, 30, 5, 0, tzinfo=UTC)),
    ],
)
def test_open_hours_are_those_of_the_zone_weekends_and_summer_time_included(
    moment: datetime, opens: datetime | None
) -> None:
    sender = Identity(quiet_from=time(20), quiet_until=time(7), quiet_weekends=True)

    assert open_hours.next_open(sender, ZoneInfo("Europe/Berlin"), moment) == (opens or moment)


def test_the_time_to_send_counts_open_hours_only(team: Team) -> None:
    set_sender(team, quiet_from=time(20), quiet_until=time(8))
    with time_machine.travel(MONDAY, tick=False):
        action = approved(team)

    # 10 hours of Monday, 12 of Tuesday, 2 of Wednesday
    assert action.send_by == datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_every_check_is_in_the_list() -> None:
    names = {name for name in vars(checks) if name.startswith("is_")}

    assert {check.__name__ for check in checks.CHECKS} == names


def test_a_record_change_meets_no_check(team: Team) -> None:
    unsubscribe(team)

    assert team.draft_change()["status"] == "queued"
    assert operations.get("crm.contact.update").run_role is Role.REVIEWER
