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
from tests.crm.office import EXECUTING, Office, ask, decide, office
from tools import catalog

__all__ = ["office"]


def names(answer: dict[str, Any]) -> list[str]:
    return [row["properties"]["name"] for row in answer["companies"]]


def test_companies_are_listed_newest_first_in_pages(office: Office) -> None:
    for number, name in enumerate(("Umbrella", "Hooli", "Initech")):
        company = factories.company(office.place, name)
        moment = clock.now() - timedelta(days=number)
        Company.objects.filter(pk=company.pk).update(created_at=moment)
    factories.company(factories.workspace("Globex"), "Foreign")

    first = ask(office.claude, "crm.company.list", limit=2)
    assert names(first) == ["Umbrella", "Hooli"]
    assert first["pagination"] == {
        "page": 1,
        "limit": 2,
        "total_pages": 2,
        "total_items": 3,
    }
    assert names(ask(office.claude, "crm.company.list", limit=2, page=2)) == ["Initech"]
    assert ask(office.claude, "crm.company.list", limit=2, page=9)["companies"] == []


def test_companies_are_found_by_part_of_name_domain_and_industry(office: Office) -> None:
    factories.company(office.place, "Umbrella", industry="Génie civil", country="Spain")
    factories.company(office.place, "Hooli", industry="Software", lifecyclestage="customer")

    for filters, found in (
        ({"search": "umbr"}, ["Umbrella"]),
        ({"search": "HOOLI.exam"}, ["Hooli"]),
        ({"search": "genie"}, ["Umbrella"]),
        ({"industry": "software"}, ["Hooli"]),
        ({"country": "SPAIN"}, ["Umbrella"]),
        ({"lifecycle_stage": "customer"}, ["Hooli"]),
        ({"search": "nobody"}, []),
    ):
        assert names(ask(office.claude, "crm.company.list", **filters)) == found, filters


def test_a_list_sorts_counts_and_shortens(office: Office) -> None:
    factories.company(office.place, "Umbrella", employee_count=10)
    factories.company(office.place, "Hooli", employee_count=500)

    by_size = ask(office.claude, "crm.company.list", sort_by="employee_count", sort_dir="desc")
    assert names(by_size) == ["Hooli", "Umbrella"]
    assert ask(office.claude, "crm.company.list", count_only=True) == {"count": 2}
    short = ask(office.claude, "crm.company.list", fields="summary", search="hooli")
    assert short["companies"][0].keys() == {"company_id", "domain", "name", "source"}


def test_a_company_shows_25_contacts_and_how_many_there_are(office: Office) -> None:
    company = factories.company(office.place)
    for number in range(27):
        factories.contact(office.place, f"p{number}@umbrella.example", company=company)
    factories.note(company)

    answer = ask(office.claude, "crm.company.get", company_id=str(company.pk))

    assert len(answer["contacts"]) == 25
    assert (answer["total_contacts"], answer["omitted"], answer["truncated"]) == (27, 2, True)
    assert answer["notes_count"] == 1
    assert answer["company"]["source"] == "external"


def test_a_company_costs_the_same_number_of_queries_however_many_its_contacts(
    office: Office, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    company = factories.company(office.place)
    for number in range(20):
        factories.contact(office.place, f"p{number}@umbrella.example", company=company)

    with django_assert_max_num_queries(8):
        ask(office.member, "crm.company.get", company_id=str(company.pk))
    with django_assert_max_num_queries(5):
        ask(office.member, "crm.company.list")


def test_a_company_names_the_changes_that_wait_for_it_and_not_its_contacts(office: Office) -> None:
    company = factories.company(office.place)
    ana = factories.contact(office.place, company=company)
    ids = {"company_id": str(company.pk)}
    waiting = ask(office.claude, "crm.company.update", **ids, properties={"industry": "Retail"})
    ask(
        office.claude,
        "crm.contact.update",
        contact_id=str(ana.pk),
        properties={"jobtitle": "CTO"},
    )

    answer = ask(office.claude, "crm.company.get", **ids)

    assert answer["pending_changes"] == [
        {
            "action_id": waiting["action_id"],
            "type": "update_company",
            "source": "assistant",
            "properties": {"industry": "Retail"},
        }
    ]


def test_what_the_scopes_do_not_show_is_named(office: Office) -> None:
    company = factories.company(office.place)
    factories.contact(office.place, company=company)
    app = factories.app(office.mia, frozenset({Scope.COMPANIES_READ}))

    answer = ask(app, "crm.company.get", company_id=str(company.pk))

    assert "contacts" not in answer
    assert sorted(answer["omitted_for_scope"]) == ["contacts", "pending_changes"]


def test_a_new_company_waits_and_exists_once_approved(office: Office) -> None:
    answer = ask(
        office.claude,
        "crm.company.create",
        domain="WWW.Umbrella.Example",
        properties={"name": "Umbrella", "employee_count": 40},
    )
    assert answer["status"] == "queued"
    card = build.card(office.reviewer, answer["action_id"])
    assert card.headline == "Create the company umbrella.example"
    assert {change.label: change.will_be for change in card.changes} == {
        "Domain": "umbrella.example",
        "Name": "Umbrella",
        "Employees": "40",
    }

    decide(office.reviewer, "approve", answer["action_id"])

    company = Company.objects.get()
    assert (company.domain, company.name, company.employee_count) == (
        "umbrella.example",
        "Umbrella",
        40,
    )
    decide(office.reviewer, "undo", answer["action_id"])
    assert not Company.objects.present().exists()


def test_a_taken_domain_names_the_company_that_has_it(office: Office) -> None:
    there = factories.company(office.place)

    with pytest.raises(Conflict) as taken:
        ask(office.claude, "crm.company.create", domain="umbrella.example")
    assert taken.value.as_dict()["company_id"] == str(there.pk)


@pytest.mark.parametrize(
    "domain",
    ["https://acme.com", "acme", "acme.com/path", "a b.com", "127.0.0.1", "-a.com", "", "a..com"],
)
def test_what_is_no_domain_is_refused_by_name(office: Office, domain: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        ask(office.reviewer, "crm.company.create", domain=domain)
    assert refused.value.field == "domain"


def test_a_domain_beyond_ascii_is_kept_as_the_network_writes_it(office: Office) -> None:
    ask(office.reviewer, "crm.company.create", domain="bücher.example")

    assert Company.objects.get().domain == "xn--bcher-kva.example"
    answer = ask(office.reviewer, "crm.contact.create", email="ana@bücher.example")
    assert answer["result"]["contact"]["company"]["domain"] == "xn--bcher-kva.example"


def test_a_change_merges_clears_and_can_be_undone(office: Office) -> None:
    company = factories.company(office.place, industry="Retail")
    ids = {"company_id": str(company.pk)}

    answer = ask(
        office.reviewer,
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
    decide(office.reviewer, "undo", answer["action_id"])
    company.refresh_from_db()
    assert (company.industry, company.country, company.properties) == ("Retail", "", {})


def test_a_value_that_is_so_already_is_no_change(office: Office) -> None:
    company = factories.company(office.place, industry="Retail")

    answer = ask(
        office.claude,
        "crm.company.update",
        company_id=str(company.pk),
        properties={"industry": "Retail"},
    )

    assert answer["status"] == "noop"


def test_a_changed_domain_is_red(office: Office) -> None:
    company = factories.company(office.place)

    answer = ask(
        factories.app(office.rex, EXECUTING),
        "crm.company.update",
        Request(require_approval=False),
        company_id=str(company.pk),
        properties={"domain": "hooli.example"},
    )

    assert answer["status"] == "queued"
    assert build.card(office.reviewer, answer["action_id"]).red == ["changes Domain"]


def test_contacts_are_found_by_the_new_name_of_their_company(office: Office) -> None:
    company = factories.company(office.place)
    factories.contact(office.place, company=company)
    bo = factories.contact(office.place, "bo@umbrella.example", company=company)
    Contact.objects.filter(pk=bo.pk).update(search_text="stale")

    ask(
        office.reviewer,
        "crm.company.update",
        company_id=str(company.pk),
        properties={"name": "Parasol"},
    )

    assert ask(office.claude, "crm.contact.list", search="parasol", count_only=True) == {"count": 2}


def test_a_foreign_a_missing_and_a_malformed_company_are_the_same_answer(office: Office) -> None:
    own = str(factories.company(office.place).pk)
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
        assert ask(office.admin, name, Request(), company_id=own, **data)
        if name == "crm.company.delete":
            Company.objects.filter(pk=own).update(deleted_at=None)
        refusals = []
        for company_id in (foreign, "co_01jd0000000000000000000000", "ct_' --"):
            with pytest.raises(NotFound) as refused:
                ask(office.admin, name, company_id=company_id, **data)
            refusals.append(refused.value.as_dict())
        assert refusals[0] == refusals[1] == refusals[2], name


def test_roles_and_scopes_bind(office: Office) -> None:
    company = str(factories.company(office.place).pk)
    with pytest.raises(Forbidden):
        ask(factories.person(office.vic), "crm.company.create", domain="a.example")
    with pytest.raises(InsufficientScope):
        ask(
            factories.app(office.mia, frozenset({Scope.CONTACTS_READ})),
            "crm.company.get",
            company_id=company,
        )
    assert ask(factories.person(office.vic), "crm.company.get", company_id=company)
    member = ask(office.member, "crm.company.create", domain="a.example")
    assert member["status"] == "queued"


def test_a_company_change_and_a_note_are_drafted_by_create_action(office: Office) -> None:
    company = {"company_id": str(factories.company(office.place).pk)}
    tool = catalog.all_tools()["create_action"]

    change = tool.call(
        office.claude,
        {"type": "update_company", "params": company | {"properties": {"industry": "Retail"}}},
    )
    note = tool.call(
        office.claude, {"type": "create_note", "params": company | {"content": "Renews in June."}}
    )

    assert (change["status"], note["status"]) == ("queued", "queued")
    shown = build.card(office.reviewer, note["action_id"])
    assert shown.headline == "Add a note to umbrella.example"


def test_a_note_tool_offers_no_choice_about_approval(office: Office) -> None:
    company = factories.company(office.place)
    ids = {"company_id": str(company.pk), "note_id": str(factories.note(company).pk)}

    with pytest.raises(ValidationFailed):
        catalog.all_tools()["update_company_note"].call(
            office.claude, ids | {"content": "x", "require_approval": False}
        )
