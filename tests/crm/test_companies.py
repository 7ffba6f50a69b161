"""Companies: finding, reading, making, changing."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from approvals.cards import build
from core import clock
from core.access import Scope
from core.errors import Conflict, Forbidden, InsufficientScope, NotFound, ValidationFailed
from core.operations import Request
from crm.models import Company, Contact
from tests import factories
from tests.crm.team import EXECUTING, Team, ask, decide, team
from tools import catalog

__all__ = ["team"]


def names(answer: dict[str, Any]) -> list[str]:
    return [row["properties"]["name"] for row in answer["companies"]]


def test_companies_are_listed_newest_first_in_pages(team: Team) -> None:
    for number, name in enumerate(("Umbrella", "Hooli", "Initech")):
        company = factories.company(team.place, name)
        moment = clock.now() - timedelta(days=number)
        Company.objects.filter(pk=company.pk).update(created_at=moment)
    factories.company(factories.workspace("Globex"), "Foreign")

    first = ask(team.claude, "crm.company.list", limit=2)
    assert names(first) == ["Umbrella", "Hooli"]
    assert first["pagination"] == {
        "page": 1,
        "limit": 2,
        "total_pages": 2,
        "total_items": 3,
    }
    assert names(ask(team.claude, "crm.company.list", limit=2, page=2)) == ["Initech"]
    assert ask(team.claude, "crm.company.list", limit=2, page=9)["companies"] == []


def test_companies_are_found_by_part_of_name_domain_and_industry(team: Team) -> None:
    factories.company(team.place, "Umbrella", industry="Génie civil", country="Spain")
    factories.company(team.place, "Hooli", industry="Software", lifecyclestage="customer")

    for filters, found in (
        ({"search": "umbr"}, ["Umbrella"]),
        ({"search": "HOOLI.exam"}, ["Hooli"]),
        ({"search": "genie"}, ["Umbrella"]),
        ({"industry": "software"}, ["Hooli"]),
        ({"country": "SPAIN"}, ["Umbrella"]),
        ({"lifecycle_stage": "customer"}, ["Hooli"]),
        ({"search": "nobody"}, []),
    ):
        assert names(ask(team.claude, "crm.company.list", **filters)) == found, filters


def test_a_list_sorts_counts_and_shortens(team: Team) -> None:
    factories.company(team.place, "Umbrella", employee_count=10)
    factories.company(team.place, "Hooli", employee_count=500)

    by_size = ask(team.claude, "crm.company.list", sort_by="employee_count", sort_dir="desc")
    assert names(by_size) == ["Hooli", "Umbrella"]
    assert ask(team.claude, "crm.company.list", count_only=True) == {"count": 2}
    short = ask(team.claude, "crm.company.list", fields="summary", search="hooli")
    assert short["companies"][0].keys() == {"company_id", "domain", "name", "source"}


def test_a_company_shows_25_contacts_and_how_many_there_are(team: Team) -> None:
    company = factories.company(team.place)
    for number in range(27):
        factories.contact(team.place, f"p{number}@umbrella.example", company=company)
    factories.note(company)

    answer = ask(team.claude, "crm.company.get", company_id=str(company.pk))

    assert len(answer["contacts"]) == 25
    assert (answer["total_contacts"], answer["omitted"], answer["truncated"]) == (27, 2, True)
    assert answer["notes_count"] == 1
    assert answer["company"]["source"] == "external"


def test_a_company_costs_the_same_number_of_queries_however_many_its_contacts(
    team: Team, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    company = factories.company(team.place)
    for number in range(20):
        factories.contact(team.place, f"p{number}@umbrella.example", company=company)

    with django_assert_max_num_queries(8):
        ask(team.member, "crm.company.get", company_id=str(company.pk))
    with django_assert_max_num_queries(5):
        ask(team.member, "crm.company.list")


def test_a_company_names_the_changes_that_wait_for_it_and_not_its_contacts(team: Team) -> None:
    company = factories.company(team.place)
    ana = factories.contact(team.place, company=company)
    ids = {"company_id": str(company.pk)}
    waiting = ask(team.claude, "crm.company.update", **ids, properties={"industry": "Retail"})
    ask(
        team.claude,
        "crm.contact.update",
        contact_id=str(ana.pk),
        properties={"jobtitle": "CTO"},
    )

    answer = ask(team.claude, "crm.company.get", **ids)

    assert answer["pending_changes"] == [
        {
            "action_id": waiting["action_id"],
            "type": "update_company",
            "source": "assistant",
            "properties": {"industry": "Retail"},
        }
    ]


def test_what_the_scopes_do_not_show_is_named(team: Team) -> None:
    company = factories.company(team.place)
    factories.contact(team.place, company=company)
    app = factories.app(team.mia, frozenset({Scope.COMPANIES_READ}))

    answer = ask(app, "crm.company.get", company_id=str(company.pk))

    assert "contacts" not in answer
    assert sorted(answer["omitted_for_scope"]) == ["contacts", "pending_changes"]


def test_a_new_company_waits_and_exists_once_approved(team: Team) -> None:
    answer = ask(
        team.claude,
        "crm.company.create",
        domain="WWW.Umbrella.Example",
        properties={"name": "Umbrella", "employee_count": 40},
    )
    assert answer["status"] == "queued"
    card = build.card(team.reviewer, answer["action_id"])
    assert card.headline == "Create the company umbrella.example"
    assert {change.label: change.will_be for change in card.changes} == {
        "Domain": "umbrella.example",
        "Name": "Umbrella",
        "Employees": "40",
    }

    decide(team.reviewer, "approve", answer["action_id"])

    company = Company.objects.get()
    assert (company.domain, company.name, company.employee_count) == (
        "umbrella.example",
        "Umbrella",
        40,
    )
    decide(team.reviewer, "undo", answer["action_id"])
    assert not Company.objects.present().exists()


def test_a_taken_domain_names_the_company_that_has_it(team: Team) -> None:
    there = factories.company(team.place)

    with pytest.raises(Conflict) as taken:
        ask(team.claude, "crm.company.create", domain="umbrella.example")
    assert taken.value.as_dict()["company_id"] == str(there.pk)


@pytest.mark.parametrize(
    "domain",
    ["https://acme.com", "acme", "acme.com/path", "a b.com", "127.0.0.1", "-a.com", "", "a..com"],
)
def test_what_is_no_domain_is_refused_by_name(team: Team, domain: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        ask(team.reviewer, "crm.company.create", domain=domain)
    assert refused.value.field == "domain"


def test_a_domain_beyond_ascii_is_kept_as_the_network_writes_it(team: Team) -> None:
    ask(team.reviewer, "crm.company.create", domain="bücher.example")

    assert Company.objects.get().domain == "xn--bcher-kva.example"
    answer = ask(team.reviewer, "crm.contact.create", email="ana@bücher.example")
    assert answer["result"]["contact"]["company"]["domain"] == "xn--bcher-kva.example"


def test_a_change_merges_clears_and_can_be_undone(team: Team) -> None:
    company = factories.company(team.place, industry="Retail")
    ids = {"company_id": str(company.pk)}

    answer = ask(
        team.reviewer,
        "crm.company.update",
        **ids,
        properties={"industry": None, "country": "Spain", "tier": "gold"},
    )

    assert answer["previous"] == {"industry": "Retail", "country": None, "tier": None}
    assert answer["unknown_properties"] == [{"key": "tier"}]
    company.refresh_from_db()
    assert (company.industry, company.country, company.properties) == (
        "",
        "Spain",
        {"tier": "gold"},
    )
    decide(team.reviewer, "undo", answer["action_id"])
    company.refresh_from_db()
    assert (company.industry, company.country, company.properties) == ("Retail", "", {})


def test_a_value_that_is_so_already_is_no_change(team: Team) -> None:
    company = factories.company(team.place, industry="Retail")

    answer = ask(
        team.claude,
        "crm.company.update",
        company_id=str(company.pk),
        properties={"industry": "Retail"},
    )

    assert answer["status"] == "noop"


def test_a_changed_domain_is_red(team: Team) -> None:
    company = factories.company(team.place)

    answer = ask(
        factories.app(team.rex, EXECUTING),
        "crm.company.update",
        Request(require_approval=False),
        company_id=str(company.pk),
        properties={"domain": "hooli.example"},
    )

    assert answer["status"] == "queued"
    assert build.card(team.reviewer, answer["action_id"]).red == ["changes Domain"]


def test_contacts_are_found_by_the_new_name_of_their_company(team: Team) -> None:
    company = factories.company(team.place)
    factories.contact(team.place, company=company)
    bo = factories.contact(team.place, "bo@umbrella.example", company=company)
    Contact.objects.filter(pk=bo.pk).update(search_text="stale")

    ask(
        team.reviewer,
        "crm.company.update",
        company_id=str(company.pk),
        properties={"name": "Parasol"},
    )

    assert ask(team.claude, "crm.contact.list", search="parasol", count_only=True) == {"count": 2}


def test_a_foreign_a_missing_and_a_malformed_company_are_the_same_answer(team: Team) -> None:
    own = str(factories.company(team.place).pk)
    foreign = str(factories.company(factories.workspace("Globex")).pk)
    more: dict[str, dict[str, Any]] = {
        "crm.company.get": {},
        "crm.company.update": {"properties": {"industry": "x"}},
        "crm.company.delete": {},
        "crm.company.restore": {},
        "crm.company.note.list": {},
        "crm.company.note.create": {"content": "x"},
    }
    for name, data in more.items():
        assert ask(team.admin, name, Request(), company_id=own, **data)
        if name == "crm.company.delete":
            Company.objects.filter(pk=own).update(deleted_at=None)
        refusals = []
        for company_id in (foreign, "co_01jd0000000000000000000000", "ct_' --"):
            with pytest.raises(NotFound) as refused:
                ask(team.admin, name, company_id=company_id, **data)
            refusals.append(refused.value.as_dict())
        assert refusals[0] == refusals[1] == refusals[2], name


def test_roles_and_scopes_bind(team: Team) -> None:
    company = str(factories.company(team.place).pk)
    with pytest.raises(Forbidden):
        ask(factories.person(team.vic), "crm.company.create", domain="a.example")
    with pytest.raises(InsufficientScope):
        ask(
            factories.app(team.mia, frozenset({Scope.CONTACTS_READ})),
            "crm.company.get",
            company_id=company,
        )
    assert ask(factories.person(team.vic), "crm.company.get", company_id=company)
    member = ask(team.member, "crm.company.create", domain="a.example")
    assert member["status"] == "queued"


def test_a_company_change_and_a_note_are_drafted_by_create_action(team: Team) -> None:
    company = {"company_id": str(factories.company(team.place).pk)}
    tool = catalog.all_tools()["create_action"]

    change = tool.call(
        team.claude,
        {"type": "update_company", "params": company | {"properties": {"industry": "Retail"}}},
    )
    note = tool.call(
        team.claude, {"type": "create_note", "params": company | {"content": "Renews in June."}}
    )

    assert (change["status"], note["status"]) == ("queued", "queued")
    shown = build.card(team.reviewer, note["action_id"])
    assert shown.headline == "Add a note to umbrella.example"


def test_a_note_tool_offers_no_choice_about_approval(team: Team) -> None:
    company = factories.company(team.place)
    ids = {"company_id": str(company.pk), "note_id": str(factories.note(company).pk)}

    with pytest.raises(ValidationFailed):
        catalog.all_tools()["update_company_note"].call(
            team.claude, ids | {"content": "x", "require_approval": False}
        )
