from django.db.models import QuerySet

from core.access import Scope
from core.actor import Actor
from core.answer_size import cut_to, room_for
from core.operations import Effect, operation
from core.pagination import DEFAULT_LIMIT, PageArguments, page_of
from core.tenancy import DeletableQuerySet
from crm.models import Note
from crm.queries.companies import present_company
from crm.queries.contacts import present_contact
from crm.schemas.contacts import ListNotes, NoteOut, NotePage
from crm.schemas.notes import ListCompanyNotes

_AROUND_CONTENT = 300
_WHOLE = "Some notes are cut: use a smaller limit, or 1 for a whole note."


@operation("crm.contact.note.list", schema=ListNotes, scope=Scope.CONTACTS_READ, effect=Effect.READ)
def list_contact_notes(actor: Actor, data: ListNotes) -> NotePage:
    """A page of a contact's notes, newest first."""
    contact = present_contact(actor, data.contact_id)
    return _page(present_notes(actor).filter(contact=contact), data)


@operation(
    "crm.company.note.list", schema=ListCompanyNotes, scope=Scope.COMPANIES_READ, effect=Effect.READ
)
def list_company_notes(actor: Actor, data: ListCompanyNotes) -> NotePage:
    """A page of a company's notes, newest first."""
    company = present_company(actor, data.company_id)
    return _page(present_notes(actor).filter(company=company), data)


def present_notes(actor: Actor) -> DeletableQuerySet[Note]:
    """The workspace's notes that are not deleted."""
    return Note.objects.visible_to(actor).present()


def note_out(note: Note, room: int | None = None) -> NoteOut:
    """A note as the APIs show it, its content truncated to `room` characters of JSON."""
    content = note.content if room is None else cut_to(note.content, room)
    return NoteOut(
        note_id=str(note.pk),
        content=content,
        truncated=len(content) < len(note.content) or None,
        source=note.source,
        author=note.author_name,
        created_at=note.created_at,
        updated_at=note.updated_at,
    )


def _page(notes: QuerySet[Note], data: PageArguments) -> NotePage:
    found, pagination = page_of(notes.order_by("-created_at", "-id"), data)
    room = room_for(data.limit, DEFAULT_LIMIT) // max(1, len(found)) - _AROUND_CONTENT
    shown = [note_out(note, room) for note in found]
    is_cut = any(note.truncated for note in shown)
    return NotePage(notes=shown, pagination=pagination, hint=_WHOLE if is_cut else None)
