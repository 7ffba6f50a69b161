"""A workspace's own rules: matches, who may change them, and effects (policy-2)."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Membership
from approvals import registry
from approvals.models import Action, PolicyVersion
from approvals.policy import changes as changing
from approvals.policy import rules, versions
from approvals.policy.schemas import Asked, Mode, Recipient, Rule
from approvals.vocabulary import Matter, Ruling
from core import operations
from core.access import Role, Scope
from core.actor import Actor, ActorKind
from core.errors import Changed, Conflict, Forbidden, NotFound, ValidationFailed
from core.models import AuditEntry
from core.operations import Request
from crm.models import Contact
from tests import factories
from tests.approvals.conftest import Team, approve, decide
from tests.approvals.test_policy import EXECUTING, make_known
from tests.cells import each

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PAGE = "/settings/policy/"


def rule(ruling: str = "queue", **facts: Any) -> Rule:
    return Rule(id=changing.new_rule_id(), ruling=Ruling(ruling), **facts)


def admin(team: Team, *, fresh: bool = True) -> Actor:
    actor = factories.person(team.alice)
    return actor.with_fresh_login() if fresh else actor


def add(team: Team, *added: Rule) -> None:
    for one in added:
        version = versions.current(str(team.place.pk)).version
        changing.add_rule(admin(team), version, one)


def asked(**facts: Any) -> Asked:
    plain: dict[str, Any] = {
        "type": "email_message",
        "matter": Matter.SEND,
        "kind": ActorKind.APP,
        "askers": frozenset({"conn_1"}),
        "host": "claude.ai",
        "recipient": Recipient.NEW,
        "moment": MONDAY,
    }
    return Asked(**(plain | facts))


@each(
    ("facts", "matches"),
    [
        ({}, True),
        ({"types": ["email_message"]}, True),
        ({"types": ["update_contact"]}, False),
        ({"matters": [Matter.SEND]}, True),
        ({"matters": [Matter.RECORD, Matter.SENSITIVE]}, False),
        ({"kinds": ["app"]}, True),
        ({"kinds": ["person", "agent"]}, False),
        ({"asker": "conn_1"}, True),
        ({"asker": "ag_1"}, False),
        ({"host": "claude.ai"}, True),
        ({"host": "evil.example"}, False),
        ({"recipient": "new"}, True),
        ({"recipient": "known"}, False),
        ({"days": [0]}, True),
        ({"days": [5, 6]}, False),
        ({"begins": "09:00", "ends": "17:00"}, True),
        ({"begins": "17:00", "ends": "09:00"}, False),
        ({"begins": "10:00", "ends": "11:00"}, True),
        ({"begins": "08:00", "ends": "10:00"}, False),
    ],
)
def test_a_rule_matches_when_each_of_its_conditions_does(
    facts: dict[str, Any], matches: bool
) -> None:
    assert rules.matches(rule(**facts), asked()) is matches


@each(
    ("moment", "matches"),
    [
        (datetime(2026, 11, 27, 23, 0, tzinfo=UTC), True),  # Friday night
        (datetime(2026, 11, 28, 3, 0, tzinfo=UTC), True),  # still Friday's night
        (datetime(2026, 11, 28, 23, 0, tzinfo=UTC), False),  # Saturday's
        (datetime(2026, 11, 27, 3, 0, tzinfo=UTC), False),  # Thursday's
    ],
)
def test_a_night_belongs_to_the_day_it_began_on(moment: datetime, matches: bool) -> None:
    friday = rule(days=[4], begins="22:00", ends="06:00")

    assert rules.matches(friday, asked(moment=moment)) is matches


def test_the_system_s_own_work_is_nobody_s_request() -> None:
    assert not rules.matches(rule(), asked(kind=ActorKind.JOB))


@each(
    "facts",
    [
        {"begins": "09:00"},
        {"begins": "09:00", "ends": "09:00"},
        {"ruling": "run", "four_eyes": True},
        {"ruling": "refuse", "dashboard_only": True},
        {"ruling": "queue", "opens_red": True},
        {"days": [7]},
        {"kinds": ["job"]},
        {"kinds": ["app"], "asker": "conn_1"},
        {"recipient": "friend"},
        {"unknown": 1},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        rule(**facts)


def test_the_first_rule_that_matches_decides_and_why_names_it(team: Team) -> None:
    add(
        team,
        rule("refuse", kinds=["agent"]),
        rule("refuse", kinds=["app"], types=["update_contact"]),
        rule("queue", kinds=["app"]),
    )

    answer = team.draft_change(factories.app(team.rex, EXECUTING))

    assert answer["status"] == "refused"
    assert "rule 2: Contact change requested by an app is refused" in answer["why"]
    assert not Action.objects.exists()


def test_refused_is_a_normal_answer_also_for_a_person_and_in_a_dry_run(team: Team) -> None:
    add(team, rule("refuse", matters=[Matter.RECORD]))
    update = operations.get("crm.contact.update")
    data = {"contact_id": str(team.ana.pk), "properties": {"city": "Bern"}}

    dry = operations.submit(team.reviewer, update, data, Request(dry_run=True))

    assert team.draft_change(team.reviewer)["status"] == "refused"
    assert (dry["status"], "rule 1" in dry["why"]) == ("would_refuse", True)
    assert Contact.objects.get(pk=team.ana.pk).jobtitle == ""


def test_a_rule_lets_run_what_the_table_queues(team: Team) -> None:
    add(team, rule("run", kinds=["app"], types=["update_contact"]))

    assert team.draft_change(factories.app(team.rex))["status"] == "executed"
    done = Action.objects.get()
    assert (done.status, done.decided_by) == ("completed", None)
    assert done.policy["rule"].startswith("rule 1: ")


def test_a_rule_lets_nobody_run_what_his_role_does_not(team: Team) -> None:
    add(team, rule("run", kinds=["app"], types=["update_contact"]))

    answer = team.draft_change(team.claude)  # Mia is a member

    assert answer["status"] == "queued"
    assert "the role member cannot run this, despite rule 1" in answer["why"]


def test_what_was_asked_to_wait_waits_whatever_a_rule_says(team: Team) -> None:
    add(team, rule("run", kinds=["app"]))
    update = operations.get("crm.contact.update")
    data = {"contact_id": str(team.ana.pk), "properties": {"city": "Bern"}}

    answer = operations.submit(
        factories.app(team.rex), update, data, Request(require_approval=True)
    )

    assert answer["status"] == "queued"


@each("opens", [False, True])
def test_high_risk_actions_wait_unless_an_admin_opened_that_type(team: Team, opens: bool) -> None:
    add(team, rule("run", kinds=["app"], types=["email_message"], opens_red=opens))

    answer = team.draft_mail(factories.app(team.rex))

    assert answer["status"] == ("scheduled" if opens else "queued")
    assert opens or "it is high risk (first message to ana@umbrella.example)" in answer["why"]


def test_a_rule_for_new_people_leaves_known_ones_to_the_next(team: Team) -> None:
    make_known(team, "known@umbrella.example")
    add(team, rule("refuse", types=["email_message"], recipient="new"))
    trusted = factories.app(team.rex, EXECUTING)
    wish = {"request": {"require_approval": False}, "contact_id": None}

    known = team.draft_mail(trusted, to="known@umbrella.example", **wish)
    both = team.draft_mail(trusted, to=["known@umbrella.example", "new@umbrella.example"], **wish)

    assert (known["status"], both["status"]) == ("scheduled", "refused")


def test_the_window_is_in_the_workspace_s_zone(team: Team) -> None:
    team.place.time_zone = "Asia/Kolkata"  # 5:30 ahead
    team.place.save()
    add(team, rule("refuse", begins="18:00", ends="23:59"))

    with time_machine.travel(datetime(2026, 11, 23, 12, 29, tzinfo=UTC), tick=False):
        assert team.draft_change()["status"] == "queued"
    with time_machine.travel(datetime(2026, 11, 23, 12, 31, tzinfo=UTC), tick=False):
        assert team.draft_change()["status"] == "refused"


def test_own_notes_stay_direct_until_a_rule_says_otherwise(team: Team) -> None:
    note = factories.note(team.ana, source="assistant")
    edit = operations.get("crm.contact.note.update")
    data = {"contact_id": str(team.ana.pk), "note_id": str(note.pk), "content": "New"}
    assert operations.submit(team.reviewer, edit, data, Request(dry_run=True))["status"] == (
        "would_execute"
    )
    add(team, rule("refuse", types=["update_contact_note"]))

    assert operations.submit(team.reviewer, edit, data)["status"] == "refused"


# --- four eyes, dashboard only


def test_a_second_approver_is_needed_beside_the_requester(team: Team) -> None:
    add(team, rule("queue", types=["email_message"], four_eyes=True))
    action_id = team.draft_mail(team.reviewer)["action_id"]

    with pytest.raises(Forbidden, match="second approver") as refusal:
        approve(team.reviewer, action_id)

    assert "other than the requester and editors can approve it" in refusal.value.hint
    assert Action.objects.get(pk=action_id).status == "pending_approval"
    assert approve(factories.person(team.alice), action_id)["decision"] == "approved"


def test_a_second_approver_is_needed_beside_the_person_behind_the_app(team: Team) -> None:
    add(team, rule("queue", types=["email_message"], four_eyes=True))
    action_id = team.draft_mail(factories.app(team.rex))["action_id"]

    with pytest.raises(Forbidden):
        approve(team.reviewer, action_id)


def test_a_second_approver_is_needed_beside_an_editor(team: Team) -> None:
    add(team, rule("queue", types=["email_message"], four_eyes=True))
    action_id = team.draft_mail()["action_id"]
    params = Action.objects.get(pk=action_id).params | {"body": "Better"}
    decide(team.reviewer, "edit", action_id, params=params)

    with pytest.raises(Forbidden):
        approve(team.reviewer, action_id)
    assert approve(factories.person(team.alice), action_id)["decision"] == "approved"


def test_an_edit_into_a_rule_takes_its_second_approver_along(team: Team) -> None:
    add(team, rule("queue", types=["email_message"], recipient="new", four_eyes=True))
    make_known(team, "known@umbrella.example")
    answer = team.draft_mail(team.reviewer, contact_id=None, to="known@umbrella.example")
    action_id = answer["action_id"]
    params = Action.objects.get(pk=action_id).params | {"to": "stranger@umbrella.example"}

    decide(team.reviewer, "edit", action_id, params=params)

    with pytest.raises(Forbidden, match="second approver"):
        approve(team.reviewer, action_id)


@each("surface", ["chat", "rest key", "dashboard"])
def test_dashboard_only_is_decided_by_no_tool_and_no_key(team: Team, surface: str) -> None:
    add(team, rule("queue", types=["update_contact"], dashboard_only=True))
    action_id = team.draft_change()["action_id"]
    deciding = factories.ALL_SCOPES - {Scope.ACTIONS_WRITE, Scope.ACTIONS_EXECUTE}
    actor = {
        "chat": factories.app(team.rex, factories.ALL_SCOPES),
        "rest key": replace(factories.app(team.rex, deciding), kind=ActorKind.KEY),
        "dashboard": team.reviewer,
    }[surface]

    answer = approve(actor, action_id)

    is_decided = surface == "dashboard"
    assert answer.get("decision") == ("approved" if is_decided else None)
    assert is_decided or answer["status"] == "needs_person"
    assert Action.objects.get(pk=action_id).status == (
        "completed" if is_decided else "pending_approval"
    )


def test_what_waits_keeps_the_rule_that_held_it(team: Team) -> None:
    four = rule("queue", types=["email_message"], four_eyes=True)
    add(team, four)
    action_id = team.draft_mail(team.reviewer)["action_id"]
    changing.remove_rule(admin(team), 1, four.id)

    kept = Action.objects.get(pk=action_id).policy

    assert (kept["version"], kept["four_eyes"]) == (1, True)
    with pytest.raises(Forbidden):
        approve(team.reviewer, action_id)


def test_a_dry_run_says_which_rule_and_who_could_approve(team: Team) -> None:
    add(team, rule("queue", types=["email_message"], four_eyes=True, dashboard_only=True))

    answer = team.draft_mail(request={"dry_run": True})

    assert answer["status"] == "would_queue"
    assert "rule 1: E-mail needs approval" in answer["why"]
    assert answer["next"] == (
        "Reviewers and admins of this workspace other than the requester and editors can approve "
        "it, in the dashboard only."
    )


# --- changing them


@each("name", ["vic", "mia", "rex", "alice"])
def test_only_an_admin_in_the_dashboard_changes_the_policy(team: Team, name: str) -> None:
    membership: Membership = getattr(team, name)
    for actor in (
        factories.person(membership).with_fresh_login(),
        factories.app(membership, factories.ALL_SCOPES).with_fresh_login(),
    ):
        if actor.kind is ActorKind.PERSON and name == "alice":
            continue
        with pytest.raises(Forbidden):
            changing.add_rule(actor, 0, rule("refuse"))
        with pytest.raises(Forbidden):
            changing.set_mode(actor, Mode.TEAM)
        with pytest.raises(Forbidden):
            changing.set_cap(actor, 0, 1, 7)
    assert not PolicyVersion.objects.exists()


LOOSENING = [
    (None, rule("run"), True),
    (None, rule("queue"), False),
    (None, rule("refuse"), False),
    (rule("run"), None, False),
    (rule("queue"), None, True),
    (rule("refuse"), None, True),
    (rule("queue"), rule("refuse"), False),
    (rule("refuse"), rule("queue"), True),
    (rule("queue"), rule("run"), True),
    (rule("run"), rule("queue"), False),
    (rule("queue"), rule("queue", four_eyes=True), False),
    (rule("queue", four_eyes=True), rule("queue"), True),
    (rule("queue", kinds=["app"]), rule("queue", kinds=["agent"]), True),
]


@each(("before", "after", "loosens"), LOOSENING)
def test_what_loosens_needs_a_fresh_login_and_tightening_does_not(
    team: Team, before: Rule | None, after: Rule | None, loosens: bool
) -> None:
    version = 0
    if before is not None:
        add(team, before)
        version = 1
    stale = admin(team, fresh=False)

    def change(actor: Actor) -> None:
        if before is None and after is not None:
            changing.add_rule(actor, version, after)
        elif after is None and before is not None:
            changing.remove_rule(actor, version, before.id)
        elif after is not None and before is not None:
            changing.change_rule(actor, version, after.model_copy(update={"id": before.id}))

    if loosens:
        with pytest.raises(Forbidden, match="password"):
            change(stale)
        assert versions.current(str(team.place.pk)).version == version
        change(admin(team))
    else:
        change(stale)
    assert versions.current(str(team.place.pk)).version == version + 1


DECIDING = st.builds(
    Rule,
    id=st.just("rule_1"),
    ruling=st.sampled_from(Ruling),
    kinds=st.lists(st.sampled_from(["app", "person"]), max_size=2, unique=True).map(tuple),
    recipient=st.sampled_from(Recipient),
)
STRICT = [Ruling.RUN, Ruling.QUEUE, Ruling.REFUSE]


@given(
    before=st.none() | DECIDING,
    after=st.none() | DECIDING,
    kind=st.sampled_from([ActorKind.APP, ActorKind.PERSON]),
    recipient=st.sampled_from([Recipient.KNOWN, Recipient.NEW]),
    table=st.sampled_from([Ruling.RUN, Ruling.QUEUE]),
)
def test_no_change_that_counts_as_tightening_lets_through_more(
    before: Rule | None, after: Rule | None, kind: ActorKind, recipient: Recipient, table: Ruling
) -> None:
    """Whatever applies after the rule (here only the table, which never refuses)."""
    request = asked(kind=kind, recipient=recipient)

    def outcome(one: Rule | None) -> int:
        matched = one is not None and rules.matches(one, request)
        return STRICT.index(one.ruling if matched and one else table)

    if not rules.loosens(before, after):
        # A rule that allowed and now says something else is only stricter.
        assert outcome(after) >= outcome(before)


def test_rules_move_within_their_list_and_the_order_decides(team: Team) -> None:
    first, second = rule("queue", kinds=["app"]), rule("refuse", kinds=["app"])
    add(team, first, second)
    assert team.draft_change()["status"] == "queued"

    changing.move_rule(admin(team), 2, second.id, -1)

    assert team.draft_change(city="Bern")["status"] == "refused"
    with pytest.raises(ValidationFailed):
        changing.move_rule(admin(team), 3, second.id, -1)
    with pytest.raises(Forbidden):
        changing.move_rule(admin(team, fresh=False), 3, second.id, 1)


def test_of_two_changes_at_once_one_wins(team: Team) -> None:
    add(team, rule("refuse"))

    with pytest.raises(Changed):
        changing.add_rule(admin(team), 0, rule("queue"))
    with pytest.raises(NotFound):
        changing.remove_rule(admin(team), 1, "rule_nowhere")
    with pytest.raises(ValidationFailed, match="Unknown action type"):
        changing.add_rule(admin(team), 1, rule("queue", types=["send_pigeon"]))
    assert versions.current(str(team.place.pk)).version == 1


def test_a_workspace_has_at_most_fifty_rules(team: Team) -> None:
    add(team, *(rule("queue") for _ in range(50)))

    with pytest.raises(Conflict):
        add(team, rule("queue"))


def test_every_change_is_audited_with_the_rule_before_and_after(team: Team) -> None:
    one = rule("queue", kinds=["app"])
    add(team, one)
    changing.change_rule(admin(team), 1, one.model_copy(update={"ruling": Ruling.REFUSE}))

    rows = AuditEntry.objects.filter(verb="approvals.policy.change").order_by("at", "id")
    assert [row.fields for row in rows] == [
        sorted(["added", "after:Anything requested by an app needs approval.", "version:1"]),
        sorted(
            [
                "changed",
                "before:Anything requested by an app needs approval.",
                "after:Anything requested by an app is refused.",
                "version:2",
            ]
        ),
    ]


def test_another_workspace_has_its_own_rules(team: Team) -> None:
    globex = factories.workspace("Globex")
    gil = factories.person(factories.member(globex, "Gil", Role.ADMIN)).with_fresh_login()
    changing.add_rule(gil, 0, rule("refuse"))
    foreign = versions.current(str(globex.pk)).rules[0]

    assert team.draft_change()["status"] == "queued"
    with pytest.raises(NotFound):
        changing.remove_rule(admin(team), 0, foreign.id)


# --- just me, or a team


def just_me(team: Team) -> None:
    changing.set_mode(admin(team), Mode.JUST_ME)


def test_just_me_lets_my_own_apps_reversible_changes_run(team: Team) -> None:
    just_me(team)
    mine = factories.app(team.alice)

    answer = team.draft_change(mine)

    assert (answer["status"], answer["why"]) == (
        "executed",
        "Runs without approval: my own record changes. You can undo it under Done today.",
    )
    done = Action.objects.get()
    decide(factories.person(team.alice), "undo", str(done.pk))
    assert Contact.objects.get(pk=team.ana.pk).jobtitle == ""


def test_just_me_lets_nothing_else_run(team: Team) -> None:
    just_me(team)
    mine = factories.app(team.alice)
    waits = [
        team.draft_change(mine, email="new@umbrella.example"),
        team.draft_mail(mine),
        team.draft_change(team.claude),
        team.draft_change(factories.app(team.rex)),
    ]

    assert [answer["status"] for answer in waits] == ["queued"] * 4


def test_the_twenty_sixth_change_in_ten_minutes_waits(team: Team) -> None:
    just_me(team)
    mine = factories.app(team.alice)
    with time_machine.travel(MONDAY, tick=False) as clock:
        for number in range(25):
            assert team.draft_change(mine, city=f"Bern {number}")["status"] == "executed"
        over = team.draft_change(mine, city="Basel")
        clock.shift(601)
        later = team.draft_change(mine, city="Genf")

    assert over["status"] == "queued"
    assert "25 changes ran without approval in the last 10 minutes" in over["why"]
    assert later["status"] == "executed"


def test_just_me_needs_a_fresh_login_and_a_team_does_not(team: Team) -> None:
    with pytest.raises(Forbidden):
        changing.set_mode(admin(team, fresh=False), Mode.JUST_ME)
    changing.set_mode(admin(team, fresh=False), Mode.TEAM)

    assert versions.current(str(team.place.pk)).mode is Mode.TEAM


@each(("name", "lands"), [("alice", "/settings/policy/mode/"), ("rex", "/approvals/")])
def test_the_first_admin_s_login_asks_who_works_here(team: Team, name: str, lands: str) -> None:
    membership: Membership = getattr(team, name)
    facts = {"username": membership.user.email, "password": factories.PASSWORD}
    client = Client(headers={"host": "127.0.0.1"})

    assert client.post("/login/", facts)["Location"] == lands
    if name == "alice":
        assert client.post(lands, {"mode": "nobody"}).status_code == 400
        assert client.post(lands, {"mode": "just_me"})["Location"] == "/approvals/"
        assert versions.current(str(team.place.pk)).just_me == membership.user_id
        assert client.post("/login/", facts)["Location"] == "/approvals/"
        on_the_way = client.post("/login/?next=/settings/members/", facts)
        assert on_the_way["Location"] == "/settings/members/"


# --- the page


def browser(membership: Membership, *, fresh: bool = False) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(membership.user)
    if fresh:
        client.post("/settings/password/", {"password": factories.PASSWORD})
    return client


def test_the_page_adds_moves_changes_and_removes_rules(team: Team) -> None:
    client = browser(team.alice, fresh=True)
    form = {"ruling": "queue", "kinds": ["app"], "types": ["email_message"], "four_eyes": "on"}
    assert client.post(f"{PAGE}add/", {**form, "version": 0}).status_code == 302
    assert client.post(f"{PAGE}add/", {"ruling": "refuse", "version": 1}).status_code == 302
    first, second = versions.current(str(team.place.pk)).rules
    assert (first.types, first.kinds, first.four_eyes) == (("email_message",), ("app",), True)

    moved = client.post(f"{PAGE}{second.id}/move/", {"to": "up", "version": 2})
    shown = client.get(PAGE).content.decode()
    assert moved.status_code == 302
    assert shown.index("Anything is refused.") < shown.index("E-mail requested by an app needs")

    changed = client.post(f"{PAGE}{first.id}/", {**form, "ruling": "run", "version": 3})
    assert changed.status_code == 400  # a second approver for what never waits
    assert (
        "four_eyes and dashboard_only apply only to rules that require approval"
        in changed.content.decode()
    )
    assert client.post(f"{PAGE}{first.id}/remove/", {"version": 2}).status_code == 409
    assert client.post(f"{PAGE}{first.id}/remove/", {"version": 3}).status_code == 302
    assert [row.id for row in versions.current(str(team.place.pk)).rules] == [second.id]


def test_a_loosening_rule_without_a_fresh_login_is_refused_with_the_form_kept(
    team: Team,
) -> None:
    client = browser(team.alice)

    answer = client.post(f"{PAGE}add/", {"ruling": "run", "kinds": ["app"], "version": 0})

    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Re-enter your password" in page
    assert 'value="run" selected' in page
    assert client.post(f"{PAGE}add/", {"ruling": "refuse", "version": 0}).status_code == 302


@each("name", ["vic", "mia", "rex"])
def test_others_read_the_policy_and_change_nothing(team: Team, name: str) -> None:
    add(team, rule("queue", kinds=["app"]))
    client = browser(getattr(team, name), fresh=True)
    found = versions.current(str(team.place.pk)).rules[0]

    page = client.get(PAGE).content.decode()
    assert "Anything requested by an app needs approval." in page
    assert "Add a rule" not in page
    for path in (f"{PAGE}add/", f"{PAGE}{found.id}/"):
        assert client.post(path, {"ruling": "refuse", "version": 1}).status_code == 403
    assert client.post(f"{PAGE}{found.id}/remove/", {"version": 1}).status_code == 403
    assert client.post(f"{PAGE}{found.id}/move/", {"to": "up", "version": 1}).status_code == 403
    assert (
        client.post(f"{PAGE}cap/", {"version": 1, "cap_messages": 1, "cap_days": 7}).status_code
        == 403
    )
    assert versions.current(str(team.place.pk)).version == 1


def test_a_rule_of_another_workspace_is_missing(team: Team) -> None:
    globex = factories.workspace("Globex")
    gil = factories.person(factories.member(globex, "Gil", Role.ADMIN)).with_fresh_login()
    changing.add_rule(gil, 0, rule("refuse"))
    foreign = versions.current(str(globex.pk)).rules[0].id
    client = browser(team.alice, fresh=True)

    for path in (f"{PAGE}{foreign}/", f"{PAGE}rule_nowhere/"):
        assert client.get(path).status_code == 404


@each(
    ("query", "words"),
    [
        ("type=update_contact&kind=person&role=reviewer", "Runs without approval"),
        ("type=update_contact&kind=app&role=reviewer", "Needs approval"),
        ("type=update_contact&kind=app&role=reviewer&executes=on", "Runs without approval"),
        ("type=email_message&kind=app&role=admin&executes=on&recipient=known", "Runs without"),
        (
            "type=email_message&kind=app&role=admin&executes=on&recipient=new",
            "high risk: first message",
        ),
        ("type=email_message&kind=agent&role=admin&recipient=known", "Refused by rule 1"),
    ],
)
def test_the_tester_answers_with_the_sentence_of_the_real_decision(
    team: Team, query: str, words: str
) -> None:
    add(team, rule("refuse", kinds=["agent"]))

    assert words in browser(team.vic).get(f"{PAGE}?{query}").content.decode()


@each("query", ["type=pigeon&kind=app", "type=", "type=update_contact&kind=x"])
def test_the_tester_says_what_is_wrong_with_its_form(team: Team, query: str) -> None:
    assert browser(team.vic).get(f"{PAGE}?{query}").status_code == 200


@each("kind", sorted(registry.TYPES))
def test_every_type_can_be_named_in_a_rule(team: Team, kind: str) -> None:
    add(team, rule("queue", types=[kind]))

    assert registry.labels()[kind] in browser(team.vic).get(PAGE).content.decode()
