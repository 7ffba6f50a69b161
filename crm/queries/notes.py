"""Reading notes."""

from django.db.models import QuerySet

from core.access import Role, Scope
from core.actor import Actor
from core.operations import Effect, operation
from core.pages import PageArguments, page_of
from crm.models import Note
from crm.models.note import NoteQuerySet
from crm.queries.companies import present_company
from crm.queries.contacts import present_contact
from crm.schemas.contacts import ListNotes, NoteOut, NotePage
from crm.schemas.notes import ListCompanyNotes


@operation(
    "crm.contact.note.list",
    schema=ListNotes,
    scope=Scope.CONTACTS_READ,
    effect=Effect.READ,
    propose_role=Role.VIEWER,
)
def list_contact_notes(actor: Actor, data: ListNotes) -> NotePage:
    """A page of a contact's notes, newest first."""
    contact = present_contact(actor, data.contact_id)
    return _page(present_notes(actor).filter(contact=contact), data)


@operation(
    "crm.company.note.list",
    schema=ListCompanyNotes,
    scope=Scope.COMPANIES_READ,
    effect=Effect.READ,
    propose_role=Role.VIEWER,
)
def list_company_notes(actor: Actor, data: ListCompanyNotes) -> NotePage:
    """A page of a company's notes, newest first."""
    company = present_company(actor, data.company_id)
    return _page(present_notes(actor).filter(company=company), data)


def present_notes(actor: Actor) -> NoteQuerySet:
    """The workspace's notes that are not deleted."""
    return Note.objects.visible_to(actor).present()


def note_out(note: Note) -> NoteOut:
    """A note as the APIs show it."""
    return NoteOut(
        note_id=str(note.pk),
        content=note.content,
        source=note.source,
        author=note.author_name,
        created_at=note.created_at,
        updated_at=note.updated_at,
    )


def _page(notes: QuerySet[Note], data: PageArguments) -> NotePage:
    found, pagination = page_of(notes.order_by("-created_at", "-id"), data)
    return NotePage(notes=[note_out(note) for note in found], pagination=pagination)
