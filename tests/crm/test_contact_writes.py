"""Making and changing contacts."""

from typing import Any

import pytest

from accounts.models import Workspace
from approvals.cards import build
from approvals.models import Action
from core.access import Scope
from core.actor import Actor
from core.errors import (
    Changed,
    Conflict,
    Forbidden,
    IdempotencyMismatch,
    InsufficientScope,
    NotFound,
    ValidationFailed,
)
from core.operations import Request
from crm.models import Contact, Event, StageChange, Visitor
from tests import factories
from tests.crm.team import EXECUTING, Team, ask, decide, team

__all__ = ["team"]

ANA = {"firstname": "Ana", "lastname": "Ng", "lifecyclestage": "lead"}


def create(actor: Actor, email: str = "ana@umbrella.example", **data: Any) -> dict[str, Any]:
    return ask(actor, "crm.contact.create", email=email, **data)


def foreign_event(place: Workspace, visitor_id: str = "v-1") -> Event:
    passer_by = factories.event(factories.contact(place, "x@passer.example"))
    Event.objects.filter(pk=passer_by.pk).update(contact=None, visitor_id=visitor_id)
    return Event.objects.get(pk=passer_by.pk)


def test_an_app_s_new_contact_waits_and_exists_once_approved(team: Team) -> None:
    answer = create(team.claude, properties=ANA)
    assert answer["status"] == "queued"
    assert not Contact.objects.exists()

    decide(team.reviewer, "approve", answer["action_id"])

    contact = Contact.objects.get()
    assert (contact.email, contact.firstname) == ("ana@umbrella.example", "Ana")
    assert contact.creation_source == "assistant"
    assert contact.provenance["firstname"]["source"] == "app"
    assert "ana ng" in contact.search_text


def test_the_card_of_a_new_contact_says_who_and_with_what(team: Team) -> None:
    company = factories.company(team.place)
    answer = create(team.claude, properties=ANA, visitor_id="v-1")

    card = build.card(team.reviewer, answer["action_id"])

    assert card.headline == "Create the contact ana@umbrella.example"
    assert card.label == "New contact"
    shown = {change.label: (change.now, change.will_be) for change in card.changes}
    assert shown["E-mail"] == ("", "ana@umbrella.example")
    assert shown["Company"] == ("", company.name)
    assert shown["Browser"] == ("", "v-1")


def test_a_person_s_new_contact_is_there_at_once_and_can_be_undone(team: Team) -> None:
    answer = create(team.reviewer, properties=ANA)
    assert answer["status"] == "executed"
    contact_id = answer["result"]["contact"]["contact_id"]

    decide(team.reviewer, "undo", answer["action_id"])

    with pytest.raises(NotFound):
        ask(team.reviewer, "crm.contact.get", contact_id=contact_id)
    assert create(team.reviewer)["status"] == "executed"


def test_a_contact_that_was_changed_since_is_not_taken_away_by_undo(team: Team) -> None:
    answer = create(team.reviewer)
    contact_id = answer["result"]["contact"]["contact_id"]
    ask(
        team.reviewer,
        "crm.contact.update",
        contact_id=contact_id,
        properties={"jobtitle": "CTO"},
    )

    with pytest.raises(Conflict, match="has changed since"):
        decide(team.reviewer, "undo", answer["action_id"])
    assert Contact.objects.present().count() == 1


def test_a_taken_address_names_the_contact_that_has_it_whatever_its_case(team: Team) -> None:
    ana = factories.contact(team.place)

    with pytest.raises(Conflict) as taken:
        create(team.claude, " ANA@Umbrella.EXAMPLE".strip())

    assert taken.value.as_dict()["contact_id"] == str(ana.pk)
    assert not Action.objects.exists()


def test_another_workspace_s_contact_takes_no_address(team: Team) -> None:
    factories.contact(factories.workspace("Globex"))

    assert create(team.reviewer)["status"] == "executed"


def test_an_address_taken_while_the_card_waited_stops_it(team: Team) -> None:
    answer = create(team.claude)
    factories.contact(team.place)

    card = build.card(team.reviewer, answer["action_id"])
    assert [change.stops for change in card.drift] == [True]
    with pytest.raises(Changed):
        decide(team.reviewer, "approve", answer["action_id"])


def test_the_company_is_found_by_the_domain_of_the_address(team: Team) -> None:
    company = factories.company(team.place)
    factories.company(factories.workspace("Globex"))

    answer = create(team.reviewer)

    assert answer["result"]["contact"]["company"]["company_id"] == str(company.pk)


def test_a_free_mailbox_says_nothing_about_the_employer(team: Team) -> None:
    factories.company(team.place)
    type(factories.company(team.place, "Gmail")).objects.filter(name="Gmail").update(
        domain="gmail.com"
    )

    assert "company" not in create(team.reviewer, "ana@gmail.com")["result"]["contact"]


def test_the_company_named_is_taken_and_a_foreign_one_is_missing(team: Team) -> None:
    company = factories.company(team.place, "Hooli")
    foreign = factories.company(factories.workspace("Globex"), "Initech")

    answer = create(team.reviewer, company_id=str(company.pk))
    assert answer["result"]["contact"]["company"]["name"] == "Hooli"
    refusals = []
    for company_id in (str(foreign.pk), "co_nothing", "' OR 1=1"):
        with pytest.raises(NotFound) as refused:
            create(team.reviewer, "b@umbrella.example", company_id=company_id)
        refusals.append(refused.value.as_dict())
    assert refusals[0] == refusals[1] == refusals[2]


def test_a_visitor_s_history_becomes_the_contact_s(team: Team) -> None:
    seen = foreign_event(team.place)
    elsewhere = foreign_event(factories.workspace("Globex"))

    answer = create(team.reviewer, visitor_id="v-1")

    contact = Contact.objects.get(pk=answer["result"]["contact"]["contact_id"])
    assert Event.objects.get(pk=seen.pk).contact == contact
    assert Event.objects.get(pk=elsewhere.pk).contact is None
    assert contact.first_seen_at == seen.timestamp
    assert Visitor.objects.get(contact=contact).confirmed


def test_a_visitor_of_another_contact_is_refused_and_named(team: Team) -> None:
    create(team.reviewer, visitor_id="v-1")
    first = Contact.objects.get()

    with pytest.raises(Conflict) as known:
        create(team.reviewer, "bo@umbrella.example", visitor_id="v-1")

    assert known.value.as_dict()["contact_id"] == str(first.pk)
    assert Contact.objects.count() == 1


def test_a_change_ties_a_visitor_and_its_undo_unties_it(team: Team) -> None:
    ana, seen = factories.contact(team.place), foreign_event(team.place)

    answer = ask(
        team.reviewer,
        "crm.contact.update",
        contact_id=str(ana.pk),
        properties={"jobtitle": "CTO"},
        visitor_id="v-1",
    )
    assert Event.objects.get(pk=seen.pk).contact == ana

    decide(team.reviewer, "undo", answer["action_id"])
    assert Event.objects.get(pk=seen.pk).contact is None
    assert not Visitor.objects.exists()
    assert Contact.objects.get(pk=ana.pk).jobtitle == ""


def test_every_step_of_the_lifecycle_is_kept_with_who_made_it(team: Team) -> None:
    answer = create(team.claude, properties=ANA)
    decide(team.reviewer, "approve", answer["action_id"])
    contact_id = str(Contact.objects.get().pk)
    change = {"contact_id": contact_id, "properties": {"lifecyclestage": "customer"}}
    changed = ask(team.reviewer, "crm.contact.update", **change)
    decide(team.reviewer, "undo", changed["action_id"])

    steps = StageChange.objects.order_by("at", "id").values_list("before", "after", "by")
    assert list(steps) == [
        ("", "lead", "Claude for Mia"),
        ("lead", "customer", "Rex"),
        ("customer", "lead", "Rex"),
    ]


def test_a_consent_set_by_an_app_is_red(team: Team) -> None:
    app = factories.app(team.rex, EXECUTING)

    answer = ask(
        app,
        "crm.contact.create",
        Request(require_approval=False),
        email="ana@umbrella.example",
        properties={"email_consent": True},
    )

    assert answer["status"] == "queued"
    card = build.card(team.reviewer, answer["action_id"])
    assert card.red == ["sets E-mail consent"]


def test_an_app_that_may_act_by_itself_creates_at_once(team: Team) -> None:
    app = factories.app(team.rex, EXECUTING)

    answer = ask(
        app, "crm.contact.create", Request(require_approval=False), email="a@umbrella.example"
    )

    assert answer["status"] == "executed"


def test_a_dry_run_changes_nothing(team: Team) -> None:
    answer = ask(
        team.claude, "crm.contact.create", Request(dry_run=True), email="a@umbrella.example"
    )

    assert answer["status"] == "would_queue"
    assert not Action.objects.exists()
    assert not Contact.objects.exists()


def test_the_same_key_creates_one_contact(team: Team) -> None:
    keyed = Request(idempotency_key="k")
    first = ask(team.reviewer, "crm.contact.create", keyed, email="a@b.example")

    again = ask(team.reviewer, "crm.contact.create", keyed, email="a@b.example")

    assert again == first | {"replayed": True}
    with pytest.raises(IdempotencyMismatch):
        ask(team.reviewer, "crm.contact.create", keyed, email="c@b.example")
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"email": "ana"}, "email"),
        ({"email": "a@b.example, c@d.example"}, "email"),
        ({"email": "a@b.example", "properties": {"email": "c@d.example"}}, "properties.email"),
        ({"email": "a@b.example", "properties": {"Job Title": "x"}}, "properties.Job Title"),
        ({"email": "a@b.example", "properties": {"firstname": "a\0b"}}, "properties.firstname"),
        ({"email": "a@b.example", "properties": {"firstname": 3}}, "properties.firstname"),
        ({"email": "a@b.example", "properties": {"lifecyclestage": "led"}}, None),
        ({"email": "a@b.example", "visitor_id": ""}, "visitor_id"),
        ({"email": "a@b.example", "visitor_id": "v" * 65}, "visitor_id"),
        ({"email": "a@b.example", "surprise": 1}, "surprise"),
    ],
)
def test_bad_input_is_named_and_changes_nothing(
    team: Team, data: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        ask(team.reviewer, "crm.contact.create", **data)

    assert field is None or refused.value.field == field
    assert not Contact.objects.exists()
    assert not Action.objects.exists()


def test_an_unknown_property_is_kept_and_named_with_the_nearest(team: Team) -> None:
    answer = create(team.reviewer, properties={"job_title": "CTO"})

    assert answer["unknown_properties"] == [{"key": "job_title", "did_you_mean": "jobtitle"}]
    assert Contact.objects.get().properties == {"job_title": "CTO"}


def test_a_viewer_and_an_app_without_the_scope_create_nothing(team: Team) -> None:
    with pytest.raises(Forbidden):
        create(factories.person(team.vic))
    with pytest.raises(InsufficientScope):
        create(factories.app(team.mia, frozenset({Scope.CONTACTS_READ})))


def test_a_member_in_the_dashboard_waits_for_a_reviewer(team: Team) -> None:
    assert create(team.member)["status"] == "queued"


def test_an_e_mail_changed_to_a_taken_one_is_a_conflict(team: Team) -> None:
    ana, bo = factories.contact(team.place), factories.contact(team.place, "bo@hooli.example")

    with pytest.raises(Conflict) as taken:
        ask(
            team.reviewer,
            "crm.contact.update",
            contact_id=str(ana.pk),
            properties={"email": "bo@hooli.example"},
        )

    assert taken.value.facts["contact_id"] == str(bo.pk)
