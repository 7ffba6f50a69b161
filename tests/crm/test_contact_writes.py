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
from tests.crm.office import EXECUTING, Office, ask, decide, office

__all__ = ["office"]

ANA = {"firstname": "Ana", "lastname": "Ng", "lifecyclestage": "lead"}


def create(actor: Actor, email: str = "ana@umbrella.example", **data: Any) -> dict[str, Any]:
    return ask(actor, "crm.contact.create", email=email, **data)


def stranger_event(place: Workspace, visitor_id: str = "v-1") -> Event:
    passer_by = factories.event(factories.contact(place, "x@passer.example"))
    Event.objects.filter(pk=passer_by.pk).update(contact=None, visitor_id=visitor_id)
    return Event.objects.get(pk=passer_by.pk)


def test_an_app_s_new_contact_waits_and_exists_once_approved(office: Office) -> None:
    answer = create(office.claude, properties=ANA)
    assert answer["status"] == "queued"
    assert not Contact.objects.exists()

    decide(office.reviewer, "approve", answer["action_id"])

    contact = Contact.objects.get()
    assert (contact.email, contact.firstname) == ("ana@umbrella.example", "Ana")
    assert contact.creation_source == "assistant"
    assert contact.provenance["firstname"]["source"] == "app"
    assert "ana ng" in contact.search_text


def test_the_card_of_a_new_contact_says_who_and_with_what(office: Office) -> None:
    company = factories.company(office.place)
    answer = create(office.claude, properties=ANA, visitor_id="v-1")

    card = build.card(office.reviewer, answer["action_id"])

    assert card.headline == "Create the contact ana@umbrella.example"
    assert card.label == "New contact"
    shown = {change.label: (change.now, change.will_be) for change in card.changes}
    assert shown["E-mail"] == ("", "ana@umbrella.example")
    assert shown["Company"] == ("", company.name)
    assert shown["Browser"] == ("", "v-1")


def test_a_person_s_new_contact_is_there_at_once_and_can_be_undone(office: Office) -> None:
    answer = create(office.reviewer, properties=ANA)
    assert answer["status"] == "executed"
    contact_id = answer["result"]["contact"]["contact_id"]

    decide(office.reviewer, "undo", answer["action_id"])

    with pytest.raises(NotFound):
        ask(office.reviewer, "crm.contact.get", contact_id=contact_id)
    assert create(office.reviewer)["status"] == "executed"


def test_a_contact_that_was_changed_since_is_not_taken_away_by_undo(office: Office) -> None:
    answer = create(office.reviewer)
    contact_id = answer["result"]["contact"]["contact_id"]
    ask(
        office.reviewer,
        "crm.contact.update",
        contact_id=contact_id,
        properties={"jobtitle": "CTO"},
    )

    with pytest.raises(Conflict, match="changed again"):
        decide(office.reviewer, "undo", answer["action_id"])
    assert Contact.objects.present().count() == 1


def test_a_taken_address_names_the_contact_that_has_it_whatever_its_case(office: Office) -> None:
    ana = factories.contact(office.place)

    with pytest.raises(Conflict) as taken:
        create(office.claude, " ANA@Umbrella.EXAMPLE".strip())

    assert taken.value.as_dict()["contact_id"] == str(ana.pk)
    assert not Action.objects.exists()


def test_another_workspace_s_contact_takes_no_address(office: Office) -> None:
    factories.contact(factories.workspace("Globex"))

    assert create(office.reviewer)["status"] == "executed"


def test_an_address_taken_while_the_card_waited_stops_it(office: Office) -> None:
    answer = create(office.claude)
    factories.contact(office.place)

    card = build.card(office.reviewer, answer["action_id"])
    assert [change.stops for change in card.drift] == [True]
    with pytest.raises(Changed):
        decide(office.reviewer, "approve", answer["action_id"])


def test_the_company_is_found_by_the_domain_of_the_address(office: Office) -> None:
    company = factories.company(office.place)
    factories.company(factories.workspace("Globex"))

    answer = create(office.reviewer)

    assert answer["result"]["contact"]["company"]["company_id"] == str(company.pk)


def test_a_free_mailbox_says_nothing_about_the_employer(office: Office) -> None:
    factories.company(office.place)
    type(factories.company(office.place, "Gmail")).objects.filter(name="Gmail").update(
        domain="gmail.com"
    )

    assert "company" not in create(office.reviewer, "ana@gmail.com")["result"]["contact"]


def test_the_company_named_is_taken_and_a_foreign_one_is_missing(office: Office) -> None:
    company = factories.company(office.place, "Hooli")
    foreign = factories.company(factories.workspace("Globex"), "Initech")

    answer = create(office.reviewer, company_id=str(company.pk))
    assert answer["result"]["contact"]["company"]["name"] == "Hooli"
    refusals = []
    for company_id in (str(foreign.pk), "co_nothing", "' OR 1=1"):
        with pytest.raises(NotFound) as refused:
            create(office.reviewer, "b@umbrella.example", company_id=company_id)
        refusals.append(refused.value.as_dict())
    assert refusals[0] == refusals[1] == refusals[2]


def test_a_visitor_s_history_becomes_the_contact_s(office: Office) -> None:
    seen = stranger_event(office.place)
    elsewhere = stranger_event(factories.workspace("Globex"))

    answer = create(office.reviewer, visitor_id="v-1")

    contact = Contact.objects.get(pk=answer["result"]["contact"]["contact_id"])
    assert Event.objects.get(pk=seen.pk).contact == contact
    assert Event.objects.get(pk=elsewhere.pk).contact is None
    assert contact.first_seen_at == seen.timestamp
    assert Visitor.objects.get(contact=contact).confirmed


def test_a_visitor_of_another_contact_is_refused_and_named(office: Office) -> None:
    create(office.reviewer, visitor_id="v-1")
    first = Contact.objects.get()

    with pytest.raises(Conflict) as known:
        create(office.reviewer, "bo@umbrella.example", visitor_id="v-1")

    assert known.value.as_dict()["contact_id"] == str(first.pk)
    assert Contact.objects.count() == 1


def test_a_change_ties_a_visitor_and_its_undo_unties_it(office: Office) -> None:
    ana, seen = factories.contact(office.place), stranger_event(office.place)

    answer = ask(
        office.reviewer,
        "crm.contact.update",
        contact_id=str(ana.pk),
        properties={"jobtitle": "CTO"},
        visitor_id="v-1",
    )
    assert Event.objects.get(pk=seen.pk).contact == ana

    decide(office.reviewer, "undo", answer["action_id"])
    assert Event.objects.get(pk=seen.pk).contact is None
    assert not Visitor.objects.exists()
    assert Contact.objects.get(pk=ana.pk).jobtitle == ""


def test_every_step_of_the_lifecycle_is_kept_with_who_made_it(office: Office) -> None:
    answer = create(office.claude, properties=ANA)
    decide(office.reviewer, "approve", answer["action_id"])
    contact_id = str(Contact.objects.get().pk)
    change = {"contact_id": contact_id, "properties": {"lifecyclestage": "customer"}}
    changed = ask(office.reviewer, "crm.contact.update", **change)
    decide(office.reviewer, "undo", changed["action_id"])

    steps = StageChange.objects.order_by("at", "id").values_list("before", "after", "by")
    assert list(steps) == [
        ("", "lead", "Claude for Mia"),
        ("lead", "customer", "Rex"),
        ("customer", "lead", "Rex"),
    ]


def test_a_consent_set_by_an_app_is_red(office: Office) -> None:
    app = factories.app(office.rex, EXECUTING)

    answer = ask(
        app,
        "crm.contact.create",
        Request(require_approval=False),
        email="ana@umbrella.example",
        properties={"email_consent": True},
    )

    assert answer["status"] == "queued"
    card = build.card(office.reviewer, answer["action_id"])
    assert card.red == ["sets E-mail consent"]


def test_an_app_that_may_act_by_itself_creates_at_once(office: Office) -> None:
    app = factories.app(office.rex, EXECUTING)

    answer = ask(
        app, "crm.contact.create", Request(require_approval=False), email="a@umbrella.example"
    )

    assert answer["status"] == "executed"


def test_a_dry_run_changes_nothing(office: Office) -> None:
    answer = ask(
        office.claude, "crm.contact.create", Request(dry_run=True), email="a@umbrella.example"
    )

    assert answer["status"] == "would_queue"
    assert not Action.objects.exists()
    assert not Contact.objects.exists()


def test_the_same_key_creates_one_contact(office: Office) -> None:
    keyed = Request(idempotency_key="k")
    first = ask(office.reviewer, "crm.contact.create", keyed, email="a@b.example")

    again = ask(office.reviewer, "crm.contact.create", keyed, email="a@b.example")

    assert again == first | {"replayed": True}
    with pytest.raises(IdempotencyMismatch):
        ask(office.reviewer, "crm.contact.create", keyed, email="c@b.example")
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
    office: Office, data: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        ask(office.reviewer, "crm.contact.create", **data)

    assert field is None or refused.value.field == field
    assert not Contact.objects.exists()
    assert not Action.objects.exists()


def test_an_unknown_property_is_kept_and_named_with_the_nearest(office: Office) -> None:
    answer = create(office.reviewer, properties={"job_title": "CTO"})

    assert answer["unknown_properties"] == [{"key": "job_title", "did_you_mean": "jobtitle"}]
    assert Contact.objects.get().properties == {"job_title": "CTO"}


def test_a_viewer_and_an_app_without_the_scope_create_nothing(office: Office) -> None:
    with pytest.raises(Forbidden):
        create(factories.person(office.vic))
    with pytest.raises(InsufficientScope):
        create(factories.app(office.mia, frozenset({Scope.CONTACTS_READ})))


def test_a_member_in_the_dashboard_waits_for_a_reviewer(office: Office) -> None:
    assert create(office.member)["status"] == "queued"


def test_an_e_mail_changed_to_a_taken_one_is_a_conflict(office: Office) -> None:
    ana, bo = factories.contact(office.place), factories.contact(office.place, "bo@hooli.example")

    with pytest.raises(Conflict) as taken:
        ask(
            office.reviewer,
            "crm.contact.update",
            contact_id=str(ana.pk),
            properties={"email": "bo@hooli.example"},
        )

    assert taken.value.facts["contact_id"] == str(bo.pk)
