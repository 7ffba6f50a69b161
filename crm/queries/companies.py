"""Reading companies."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from core.access import Role, Scope
from core.actor import Actor
from core.operations import Effect, operation
from core.pages import page_of
from crm import panels, records
from crm.models import Company, Contact, Note
from crm.properties import COMPANY_PROPERTIES
from crm.queries.contacts import summary_of as contact_summary_of
from crm.schemas.companies import (
    CompanyDetails,
    CompanyOut,
    CompanyPage,
    CompanySummary,
    GetCompany,
    ListCompanies,
)
from crm.search import matching

CONTACTS_SHOWN = 25

_SORT_COLUMNS = {"createdate": "created_at"}
_FILTERS: dict[str, Callable[[Any], Q]] = {
    "industry": lambda value: Q(industry__iexact=value),
    "country": lambda value: Q(country__iexact=value),
    "lifecycle_stage": lambda value: Q(lifecyclestage=value),
}


@operation(
    "crm.company.list",
    schema=ListCompanies,
    scope=Scope.COMPANIES_READ,
    effect=Effect.READ,
    propose_role=Role.VIEWER,
)
def list_companies(actor: Actor, data: ListCompanies) -> CompanyPage:
    """A page of the workspace's companies, or their number."""
    rows = filtered(actor, data)
    if data.count_only:
        return CompanyPage(count=rows.count())
    sign = "-" if data.sort_dir == "desc" else ""
    column = _SORT_COLUMNS.get(data.sort_by, data.sort_by)
    found, pagination = page_of(rows.order_by(f"{sign}{column}", f"{sign}id"), data)
    summary = data.fields == "summary"
    return CompanyPage(
        companies=[summary_of(row) if summary else company_out(row) for row in found],
        pagination=pagination,
    )


@operation(
    "crm.company.get",
    schema=GetCompany,
    scope=Scope.COMPANIES_READ,
    effect=Effect.READ,
    propose_role=Role.VIEWER,
)
def get_company(actor: Actor, data: GetCompany) -> CompanyDetails:
    """One company with its newest contacts, how many there are, and what waits to change it."""
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
    """The company if it is there and not deleted; raises NotFound."""
    return Company.objects.visible_to(actor).present().one(company_id, "company")


def company_out(company: Company) -> CompanyOut:
    """A company as the APIs show it; empty properties are left out."""
    return CompanyOut(
        company_id=str(company.pk),
        id=str(company.pk),
        properties=records.properties_of(company, COMPANY_PROPERTIES),
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


def _people(actor: Actor, company: Company) -> dict[str, Any]:
    """The company's contacts; nothing for an app that may not read contacts."""
    if not actor.has_scope(Scope.CONTACTS_READ):
        return {}
    rows = Contact.objects.visible_to(actor).present().filter(company=company)
    total = rows.count()
    newest = rows.select_related("company").order_by("-created_at", "-id")[:CONTACTS_SHOWN]
    omitted = max(total - CONTACTS_SHOWN, 0)
    return {
        "contacts": [contact_summary_of(row) for row in newest],
        "total_contacts": total,
        "truncated": True if omitted else None,
        "omitted": omitted or None,
    }


def filtered(actor: Actor, data: ListCompanies) -> QuerySet[Company]:
    """The companies the arguments ask for, in no order."""
    rows: QuerySet[Company] = Company.objects.visible_to(actor).present()
    for name, condition in _FILTERS.items():
        value = getattr(data, name)
        if value is not None:
            rows = rows.filter(condition(value))
    return matching(rows, data.search) if data.search else rows
