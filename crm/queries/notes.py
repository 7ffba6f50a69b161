"""Reading notes."""

from core.access import Role, Scope
from core.actor import Actor
from core.operations import Effect, operation
from core.pages import page_of
from crm.models import Note
from crm.queries.contacts import present_contact
from crm.schemas.contacts import ListNotes, NoteOut, NotePage


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
    notes = Note.objects.visible_to(actor).present().filter(contact=contact)
    found, pagination = page_of(notes.order_by("-created_at", "-id"), data)
    return NotePage(notes=[note_out(note) for note in found], pagination=pagination)


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
