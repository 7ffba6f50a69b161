"""Reading contacts."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from core.access import Role, Scope
from core.actor import Actor
from core.operations import Effect, operation
from core.pages import page_of
from crm import panels
from crm.models import Contact, Event, Note
from crm.properties import CONTACT_PROPERTIES
from crm.queries.memberships import in_segment
from crm.queries.windows import window_of
from crm.records import properties_of
from crm.schemas.contacts import (
    CompanyBrief,
    ContactDetails,
    ContactOut,
    ContactPage,
    ContactSummary,
    EventBrief,
    GetContact,
    ListContacts,
)
from crm.search import matching

EVENTS_SHOWN = 20

_SORT_COLUMNS = {
    "email": "email",
    "firstname": "firstname",
    "lastname": "lastname",
    "company": "company__name",
    "createdate": "created_at",
}
_FILTERS: dict[str, Callable[[Any], Q]] = {
    "status": lambda value: Q(is_enriched=value == "enriched"),
    "lifecycle_stage": lambda value: Q(lifecyclestage=value),
    "lead_status": lambda value: Q(lead_status=value),
    "country": lambda value: Q(country__iexact=value),
    "industry": lambda value: Q(industry__iexact=value),
    "city": lambda value: Q(city__iexact=value),
    "state": lambda value: Q(state__iexact=value),
    "job_title": lambda value: Q(jobtitle__icontains=value),
    "has_linkedin": lambda value: ~Q(linkedin_url="") if value else Q(linkedin_url=""),
    "company_id": lambda value: Q(company=value),
}


@operation(
    "crm.contact.list",
    schema=ListContacts,
    scope=Scope.CONTACTS_READ,
    effect=Effect.READ,
    propose_role=Role.VIEWER,
)
def list_contacts(actor: Actor, data: ListContacts) -> ContactPage:
    """A page of the workspace's contacts, or their number."""
    rows = filtered(actor, data)
    if data.count_only:
        return ContactPage(count=rows.count())
    sign = "-" if data.sort_dir == "desc" else ""
    rows = rows.order_by(f"{sign}{_SORT_COLUMNS[data.sort_by]}", f"{sign}id")
    found, pagination = page_of(rows.select_related("company"), data)
    summary = data.fields == "summary"
    return ContactPage(
        contacts=[summary_of(row) if summary else contact_out(row) for row in found],
        pagination=pagination,
    )


@operation(
    "crm.contact.get",
    schema=GetContact,
    scope=Scope.CONTACTS_READ,
    effect=Effect.READ,
    propose_role=Role.VIEWER,
)
def get_contact(actor: Actor, data: GetContact) -> ContactDetails:
    """One contact with its company, last 20 events, and the panels of upper apps."""
    contact = present_contact(actor, data.contact_id)
    events = Event.objects.visible_to(actor).filter(contact=contact)
    notes = Note.objects.visible_to(actor).present().filter(contact=contact)
    return ContactDetails(
        contact=contact_out(contact),
        events=[event_brief(row) for row in events.order_by("-timestamp")[:EVENTS_SHOWN]],
        total_events=events.count(),
        notes_count=notes.count(),
        **panels.fill(actor, data.contact_id),
    )


def present_contact(actor: Actor, contact_id: str) -> Contact:
    """The contact if it is there and not deleted; raises NotFound."""
    rows = Contact.objects.visible_to(actor).present().select_related("company")
    return rows.one(contact_id, "contact")


def contact_out(contact: Contact) -> ContactOut:
    """A contact as the APIs show it; empty properties are left out."""
    return ContactOut(
        contact_id=str(contact.pk),
        id=str(contact.pk),
        properties=properties_of(contact, CONTACT_PROPERTIES),
        company=_company_brief(contact),
        creation_source=contact.creation_source,
        version=contact.version,
        first_seen_at=contact.first_seen_at,
        created_at=contact.created_at,
        updated_at=contact.updated_at,
    )


def summary_of(contact: Contact) -> ContactSummary:
    """A contact in about 200 bytes."""
    return ContactSummary(
        contact_id=str(contact.pk),
        email=contact.email,
        name=contact.full_name,
        jobtitle=contact.jobtitle or None,
        company=_company_name(contact),
        lifecyclestage=contact.lifecyclestage or None,
    )


def event_brief(event: Event) -> EventBrief:
    """An event in a contact's list."""
    return EventBrief(
        event_id=str(event.pk),
        event=event.event,
        timestamp=event.timestamp,
        url=event.url or None,
        title=event.title or None,
        is_bot=event.is_bot or None,
    )


def filtered(actor: Actor, data: ListContacts) -> QuerySet[Contact]:
    """The contacts the arguments ask for, in no order."""
    rows: QuerySet[Contact] = Contact.objects.visible_to(actor).present()
    rows = rows.filter(window_of(actor, data.created_after, data.created_before).of("created_at"))
    for name, condition in _FILTERS.items():
        value = getattr(data, name)
        if value is not None:
            rows = rows.filter(condition(value))
    if data.segment_id is not None:
        rows = rows.filter(pk__in=in_segment(actor, data.segment_id).values("pk"))
    return matching(rows, data.search) if data.search else rows


def _company_name(contact: Contact) -> str | None:
    company = contact.company
    return str(company) if company and not company.deleted_at else None


def _company_brief(contact: Contact) -> CompanyBrief | None:
    company = contact.company
    if company is None or company.deleted_at:
        return None
    return CompanyBrief(
        company_id=str(company.pk),
        name=company.name,
        domain=company.domain,
        industry=company.industry or None,
    )
