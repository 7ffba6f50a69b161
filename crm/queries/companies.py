"""Reading companies."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from core.access import Role, Scope
from core.actor import Actor
from core.answer_size import fitting, room_for
from core.operations import Effect, operation
from core.pagination import DEFAULT_LIMIT, SMALLER, page_of
from crm import panels, records
from crm.models import Company, Contact, Note
from crm.properties import COMPANY_PROPERTIES
from crm.queries.contacts import summary_of as contact_summary_of
from crm.queries.search import Matches, matching
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
    found = _found(actor, data)
    if data.count_only:
        number = found.rows.count()
        return CompanyPage(count=number, hint=found.hint(number))
    sign = "-" if data.sort_dir == "desc" else ""
    column = _SORT_COLUMNS.get(data.sort_by, data.sort_by)
    page, pagination = page_of(found.rows.order_by(f"{sign}{column}", f"{sign}id"), data)
    shown, omitted = fitting(_rows_of(page, data), room_for(data.limit, DEFAULT_LIMIT))
    return CompanyPage(
        companies=shown,
        pagination=pagination,
        truncated=omitted > 0 or None,
        omitted=omitted or None,
        hint=SMALLER if omitted else found.hint(pagination.total_items),
    )


@operation(
    "crm.company.get",
    schema=ChosenCompany,
    scope=Scope.COMPANIES_READ,
    effect=Effect.READ,
    propose_role=Role.VIEWER,
)
def get_company(actor: Actor, data: ChosenCompany) -> CompanyDetails:
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


def company_out(company: Company, room: int = records.ROOM_ALONE) -> CompanyOut:
    """A company as the APIs show it; empty properties are left out, and what takes more room."""
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


def _rows_of(page: list[Company], data: ListCompanies) -> list[CompanyOut | CompanySummary]:
    if data.fields == "summary":
        return [summary_of(row) for row in page]
    return [company_out(row, records.ROOM_IN_LIST) for row in page]


def _people(actor: Actor, company: Company) -> dict[str, Any]:
    """The company's contacts; nothing for an app that may not read contacts."""
    if not actor.has_scope(Scope.CONTACTS_READ):
        return {}
    rows = Contact.objects.visible_to(actor).present().filter(company=company)
    total = rows.count()
    newest = rows.select_related("company").order_by("-created_at", "-id")[:CONTACTS_SHOWN]
    shown, _ = fitting(map(contact_summary_of, newest), _PEOPLE_ROOM)
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
    everyone: QuerySet[Company] = Company.objects.visible_to(actor).present()
    found = matching(everyone, data.search) if data.search else Matches(everyone)
    rows = found.rows
    for name, condition in _FILTERS.items():
        value = getattr(data, name)
        if value is not None:
            rows = rows.filter(condition(value))
    return Matches(rows, found.almost)
