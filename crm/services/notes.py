"""Writing notes."""

from core import clock
from core.access import Role, Scope
from core.actor import Actor, ActorKind
from core.operations import Effect, operation
from core.outcomes import Effected
from core.schemas import as_json
from crm.models import Note
from crm.queries.contacts import present_contact
from crm.queries.notes import note_out
from crm.schemas.contacts import CreateNote


@operation(
    "crm.contact.note.create",
    schema=CreateNote,
    scope=Scope.CONTACTS_WRITE,
    effect=Effect.ADD,
    propose_role=Role.MEMBER,
    run_role=Role.MEMBER,
)
def create_contact_note(actor: Actor, data: CreateNote) -> Effected:
    """Add a note to a contact, at once."""
    contact = present_contact(actor, data.contact_id)
    moment = clock.now()
    note = Note.objects.create(
        workspace_id=actor.workspace_id,
        contact=contact,
        content=data.content,
        source=source_of(actor),
        author_id=actor.user_id,
        author_name=f"{actor.client.name} for {actor.name}" if actor.client else actor.name,
        connection_id=actor.client.connection_id if actor.client else "",
        created_at=moment,
        updated_at=moment,
    )
    return Effected(resource={"note": as_json(note_out(note))})


def source_of(actor: Actor) -> str:
    """Who wrote words that came in with this actor: a person, or an assistant."""
    return "person" if actor.kind is ActorKind.PERSON else "assistant"
