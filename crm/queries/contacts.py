from django.db.models import Q, QuerySet

from core.access import Scope
from core.actor import Actor
from core.answer_size import shorten
from core.compiled import Compiled, number_of
from core.errors import NotFound
from core.operations import Effect, operation
from crm import panels
from crm.models import Contact, Event, Note
from crm.properties import CONTACT_PROPERTIES
from crm.queries import listing
from crm.queries.memberships import in_segment
from crm.queries.search import Matches
from crm.queries.windows import window_of
from crm.records import ROOM_ALONE, ROOM_IN_LIST, properties_of
from crm.schemas.contacts import (
    ChosenContact,
    CompanyBrief,
    ContactDetails,
    ContactOut,
    ContactPage,
    ContactSummary,
    EventBrief,
    ListContacts,
)

EVENTS_SHOWN = 20
_TITLE_SHOWN = 120

_SORT_COLUMNS = {"company": "company__name", "createdate": "created_at"}
_FILTERS: listing.Filters = {
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


@operation("crm.contact.list", schema=ListContacts, scope=Scope.CONTACTS_READ, effect=Effect.READ)
def list_contacts(actor: Actor, data: ListContacts) -> ContactPage:
    """A page of the workspace's contacts, or their number."""
    found = _found(actor, data)
    found = Matches(found.rows.select_related("company"), found.almost)
    column = _SORT_COLUMNS.get(data.sort_by, data.sort_by)
    shown = summary_of if data.fields == "summary" else _in_list
    return ContactPage(**listing.page(found, data, shown, noun="contacts", column=column))


@operation("crm.contact.get", schema=ChosenContact, scope=Scope.CONTACTS_READ, effect=Effect.READ)
def get_contact(actor: Actor, data: ChosenContact) -> ContactDetails:
    """One contact with its company, last 20 events, and the panels of upper apps."""
    contact = present_contact(actor, data.contact_id)
    whose = actor.workspace_id, data.contact_id
    return ContactDetails(
        contact=contact_out(contact),
        events=[event_brief(row) for row in _EVENTS.rows(*whose)],
        total_events=sum(_EVENT_COUNT.rows(*whose)),
        notes_count=sum(_NOTE_COUNT.rows(*whose)),
        **panels.panel_values(actor, data.contact_id),
    )


def present_contact(actor: Actor, contact_id: str) -> Contact:
    """The contact if it exists and is not deleted; raises NotFound."""
    found = _CONTACT.rows(actor.workspace_id, contact_id)
    if not found:
        raise NotFound("contact")
    return found[0]


def require_contact(actor: Actor, contact_id: str) -> None:
    """Raise NotFound unless the contact exists and is not deleted."""
    if not _IDS.rows(actor.workspace_id, contact_id):
        raise NotFound("contact")


def _contact(workspace: str, contact: str) -> QuerySet[Contact]:
    rows = Contact.objects.filter(workspace_id=workspace, pk=contact)
    return rows.present().select_related("company")


def _id(workspace: str, contact: str) -> QuerySet[Contact, str]:
    return _contact(workspace, contact).values_list("pk", flat=True)


def _events(workspace: str, contact: str) -> QuerySet[Event]:
    shown = ("contact", "event", "timestamp", "url", "title", "is_bot")
    rows = Event.objects.filter(workspace_id=workspace, contact=contact).only(*shown)
    return rows.order_by("-timestamp")[:EVENTS_SHOWN]


def _event_count(workspace: str, contact: str) -> QuerySet[Event, int]:
    return number_of(Event.objects.filter(workspace_id=workspace, contact=contact))


def _note_count(workspace: str, contact: str) -> QuerySet[Note, int]:
    return number_of(Note.objects.filter(workspace_id=workspace, contact=contact).present())


_CONTACT = Compiled(_contact, "ws", "ct")
_IDS = Compiled(_id, "ws", "ct")
_EVENTS = Compiled(_events, "ws", "ct")
_EVENT_COUNT = Compiled(_event_count, "ws", "ct")
_NOTE_COUNT = Compiled(_note_count, "ws", "ct")


def contact_out(contact: Contact, room: int = ROOM_ALONE) -> ContactOut:
    """A contact as the APIs show it, without empty properties and those that do not fit."""
    return ContactOut(
        contact_id=str(contact.pk),
        id=str(contact.pk),
        **properties_of(contact, CONTACT_PROPERTIES, room),
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
        url=shorten(event.url) or None,
        title=shorten(event.title, _TITLE_SHOWN) or None,
        is_bot=event.is_bot or None,
    )


def _in_list(contact: Contact) -> ContactOut:
    return contact_out(contact, ROOM_IN_LIST)


def filtered(actor: Actor, data: ListContacts) -> QuerySet[Contact]:
    """The contacts the arguments ask for, in no order."""
    return _found(actor, data).rows


def _found(actor: Actor, data: ListContacts) -> Matches[Contact]:
    found = listing.matches(Contact.objects.visible_to(actor).present(), data, _FILTERS)
    window = window_of(actor, data.created_after, data.created_before)
    rows = found.rows.filter(window.of("created_at"))
    if data.segment_id is not None:
        rows = rows.filter(pk__in=in_segment(actor, data.segment_id).values("pk"))
    return Matches(rows, found.almost)


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
