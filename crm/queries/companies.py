from typing import Any

from django.db.models import Q, QuerySet

from core.access import Scope
from core.actor import Actor
from core.answer_size import rows_that_fit
from core.operations import Effect, operation
from crm import panels, records
from crm.models import Company, Contact, Note
from crm.properties import COMPANY_PROPERTIES
from crm.queries import listing
from crm.queries.contacts import present_contact
from crm.queries.contacts import summary_of as contact_summary_of
from crm.queries.search import Matches
from crm.schemas.companies import (
    ChosenCompany,
    CompanyDetails,
    CompanyOut,
    CompanyPage,
    CompanySummary,
    ListCompanies,
)

CONTACTS_SHOWN = 25
_PEOPLE_ROOM = 12_000

_SORT_COLUMNS = {"createdate": "created_at"}
_FILTERS: listing.Filters = {
    "industry": lambda value: Q(industry__iexact=value),
    "country": lambda value: Q(country__iexact=value),
    "lifecycle_stage": lambda value: Q(lifecyclestage=value),
}


@operation("crm.company.list", schema=ListCompanies, scope=Scope.COMPANIES_READ, effect=Effect.READ)
def list_companies(actor: Actor, data: ListCompanies) -> CompanyPage:
    """A page of the workspace's companies, or their number."""
    column = _SORT_COLUMNS.get(data.sort_by, data.sort_by)
    shown = summary_of if data.fields == "summary" else _in_list
    found = _found(actor, data)
    return CompanyPage(**listing.page(found, data, shown, noun="companies", column=column))


@operation("crm.company.get", schema=ChosenCompany, scope=Scope.COMPANIES_READ, effect=Effect.READ)
def get_company(actor: Actor, data: ChosenCompany) -> CompanyDetails:
    """One company with its newest contacts, their number, and actions waiting to change it."""
    company = present_company(actor, data.company_id)
    notes = Note.objects.visible_to(actor).present().filter(company=company)
    panel = panels.fill_company(actor, data.company_id)
    people = _people(actor, company)
    hidden = [*panel.pop("omitted_for_scope", []), *([] if people else ["contacts"])]
    return CompanyDetails(
        company=company_out(company),
        notes_count=notes.count(),
        omitted_for_scope=hidden or None,
        **people,
        **panel,
    )


def present_company(actor: Actor, company_id: str) -> Company:
    """The company if it exists and is not deleted; raises NotFound."""
    return Company.objects.visible_to(actor).present().one(company_id, "company")


def present_record(actor: Actor, contact_id: str | None, company_id: str | None) -> records.Record:
    """The contact named, else the company named; raises NotFound."""
    if contact_id:
        return present_contact(actor, contact_id)
    return present_company(actor, company_id or "")


def company_out(company: Company, room: int = records.ROOM_ALONE) -> CompanyOut:
    """A company as the APIs show it, without empty properties and those that do not fit."""
    return CompanyOut(
        company_id=str(company.pk),
        id=str(company.pk),
        **records.properties_of(company, COMPANY_PROPERTIES, room),
        version=company.version,
        created_at=company.created_at,
        updated_at=company.updated_at,
    )


def summary_of(company: Company) -> CompanySummary:
    """A company in about 200 bytes."""
    return CompanySummary(
        company_id=str(company.pk),
        domain=company.domain,
        name=company.name or None,
        industry=company.industry or None,
        country=company.country or None,
    )


def _in_list(company: Company) -> CompanyOut:
    return company_out(company, records.ROOM_IN_LIST)


def _people(actor: Actor, company: Company) -> dict[str, Any]:
    """The company's contacts; None for an app that may not read contacts."""
    if not actor.has_scope(Scope.CONTACTS_READ):
        return {}
    rows = Contact.objects.visible_to(actor).present().filter(company=company)
    total = rows.count()
    newest = rows.select_related("company").order_by("-created_at", "-id")[:CONTACTS_SHOWN]
    shown, _ = rows_that_fit(map(contact_summary_of, newest), _PEOPLE_ROOM)
    omitted = total - len(shown)
    return {
        "contacts": shown,
        "total_contacts": total,
        "truncated": omitted > 0 or None,
        "omitted": omitted or None,
    }


def filtered(actor: Actor, data: ListCompanies) -> QuerySet[Company]:
    """The companies the arguments ask for, in no order."""
    return _found(actor, data).rows


def _found(actor: Actor, data: ListCompanies) -> Matches[Company]:
    return listing.matches(Company.objects.visible_to(actor).present(), data, _FILTERS)
