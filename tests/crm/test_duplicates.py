"""Who may be the same person or company as a new one."""

import pytest

from approvals.cards import build
from core.errors import Conflict
from tests import factories
from tests.crm.team import Team, ask, team

__all__ = ["team"]


def test_the_same_name_at_the_same_company_is_named(team: Team) -> None:
    company = factories.company(team.place)
    there = factories.contact(team.place, "ang@old.example", name="ANÁ Ng", company=company)
    factories.contact(team.place, "joana@old.example", name="Joana Ngo", company=company)
    factories.contact(team.place, "ana@hooli.example", name="Ana Ng")

    answer = ask(
        team.claude,
        "crm.contact.create",
        email="ana@umbrella.example",
        properties={"firstname": "ana", "lastname": "Ng"},
    )

    assert answer["possible_duplicates"] == [
        {"contact_id": str(there.pk), "email": "ang@old.example", "why": "same name and company"}
    ]
    card = build.card(team.reviewer, answer["action_id"])
    assert card.notices == ["Possible duplicate of ang@old.example: same name and company."]


def test_an_address_that_differs_by_its_plus_part_is_named_in_both_directions(
    team: Team,
) -> None:
    plain = factories.contact(team.place, "bo@hooli.example")
    factories.contact(team.place, "bob@hooli.example")
    factories.contact(factories.workspace("Globex"), "bo+x@hooli.example")

    tagged = ask(team.reviewer, "crm.contact.create", email="bo+news@hooli.example")
    other = ask(team.reviewer, "crm.contact.create", email="bo+shop@hooli.example")

    assert [row["contact_id"] for row in tagged["possible_duplicates"]] == [str(plain.pk)]
    assert {row["email"] for row in other["possible_duplicates"]} == {
        "bo@hooli.example",
        "bo+news@hooli.example",
    }


def test_another_case_is_the_same_address(team: Team) -> None:
    there = factories.contact(team.place, "bo@hooli.example")

    with pytest.raises(Conflict) as refusal:
        ask(team.reviewer, "crm.contact.create", email="BO@HOOLI.example")
    assert refusal.value.as_dict()["contact_id"] == str(there.pk)


def test_a_deleted_contact_is_nobody_s_double(team: Team) -> None:
    gone = factories.contact(team.place, "bo@hooli.example")
    ask(team.admin, "crm.contact.delete", contact_id=str(gone.pk))

    answer = ask(team.reviewer, "crm.contact.create", email="bo+x@hooli.example")

    assert "possible_duplicates" not in answer


def test_a_company_of_the_same_name_is_named(team: Team) -> None:
    there = factories.company(team.place)
    factories.company(team.place, "Umbrella-Stands")

    answer = ask(
        team.claude,
        "crm.company.create",
        domain="umbrella.test.example",
        properties={"name": "UMBRELLA"},
    )

    assert answer["possible_duplicates"] == [
        {"company_id": str(there.pk), "domain": "umbrella.example", "why": "same name"}
    ]


def test_many_doubles_are_cut_to_five(team: Team) -> None:
    for number in range(8):
        factories.contact(team.place, f"bo+{number}@hooli.example")

    answer = ask(team.reviewer, "crm.contact.create", email="bo@hooli.example")

    assert len(answer["possible_duplicates"]) == 5
