"""Who may be the same person or company as a new one."""

import pytest

from approvals.cards import build
from core.errors import Conflict
from tests import factories
from tests.crm.office import Office, ask, office

__all__ = ["office"]


def test_the_same_name_at_the_same_company_is_named(office: Office) -> None:
    company = factories.company(office.place)
    there = factories.contact(office.place, "ang@old.example", name="ANÁ Ng", company=company)
    factories.contact(office.place, "joana@old.example", name="Joana Ngo", company=company)
    factories.contact(office.place, "ana@hooli.example", name="Ana Ng")

    answer = ask(
        office.claude,
        "crm.contact.create",
        email="ana@umbrella.example",
        properties={"firstname": "ana", "lastname": "Ng"},
    )

    assert answer["possible_duplicates"] == [
        {"contact_id": str(there.pk), "email": "ang@old.example", "why": "same name and company"}
    ]
    card = build.card(office.reviewer, answer["action_id"])
    assert card.notices == ["May be ang@old.example again: same name and company."]


def test_an_address_that_differs_by_its_plus_part_is_named_in_both_directions(
    office: Office,
) -> None:
    plain = factories.contact(office.place, "bo@hooli.example")
    factories.contact(office.place, "bob@hooli.example")
    factories.contact(factories.workspace("Globex"), "bo+x@hooli.example")

    tagged = ask(office.reviewer, "crm.contact.create", email="bo+news@hooli.example")
    other = ask(office.reviewer, "crm.contact.create", email="bo+shop@hooli.example")

    assert [row["contact_id"] for row in tagged["possible_duplicates"]] == [str(plain.pk)]
    assert {row["email"] for row in other["possible_duplicates"]} == {
        "bo@hooli.example",
        "bo+news@hooli.example",
    }


def test_another_case_is_the_same_address(office: Office) -> None:
    there = factories.contact(office.place, "bo@hooli.example")

    with pytest.raises(Conflict) as refusal:
        ask(office.reviewer, "crm.contact.create", email="BO@HOOLI.example")
    assert refusal.value.as_dict()["contact_id"] == str(there.pk)


def test_a_deleted_contact_is_nobody_s_double(office: Office) -> None:
    gone = factories.contact(office.place, "bo@hooli.example")
    ask(office.admin, "crm.contact.delete", contact_id=str(gone.pk))

    answer = ask(office.reviewer, "crm.contact.create", email="bo+x@hooli.example")

    assert "possible_duplicates" not in answer


def test_a_company_of_the_same_name_is_named(office: Office) -> None:
    there = factories.company(office.place)
    factories.company(office.place, "Umbrella-Stands")

    answer = ask(
        office.claude,
        "crm.company.create",
        domain="umbrella.test.example",
        properties={"name": "UMBRELLA"},
    )

    assert answer["possible_duplicates"] == [
        {"company_id": str(there.pk), "domain": "umbrella.example", "why": "same name"}
    ]


def test_many_doubles_are_cut_to_five(office: Office) -> None:
    for number in range(8):
        factories.contact(office.place, f"bo+{number}@hooli.example")

    answer = ask(office.reviewer, "crm.contact.create", email="bo@hooli.example")

    assert len(answer["possible_duplicates"]) == 5
