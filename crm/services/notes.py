"""Writing notes on contacts."""

from core.access import Role, Scope
from core.actor import Actor
from core.operations import Effect, operation
from core.outcomes import Effected, FieldPreview, Inverse, Preview
from core.schemas import as_json
from crm.queries.companies import present_company
from crm.queries.contacts import present_contact
from crm.queries.notes import note_out
from crm.schemas.contacts import CreateNote
from crm.schemas.notes import (
    DeleteContactNote,
    DraftNote,
    RestoreContactNote,
    UpdateContactNote,
)
from crm.services import note_texts
from crm.services.deletions import hidden_note
from crm.services.note_texts import Holder


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
    note = note_texts.add(actor, present_contact(actor, data.contact_id), data.content)
    return Effected(resource={"note": as_json(note_out(note))})


def preview_draft(actor: Actor, data: DraftNote) -> Preview:
    """The note as it would stand."""
    holder = _holder(actor, data)
    change = FieldPreview(field="content", label="Note", now="", will_be=data.content)
    return Preview(noun="note", target_id=None, target_name=str(holder), changes=[change])


@operation(
    "crm.note.create",
    schema=DraftNote,
    scope=Scope.ACTIONS_WRITE,
    effect=Effect.ADD,
    gated=True,
    propose_role=Role.MEMBER,
    run_role=Role.MEMBER,
    preview=preview_draft,
)
def create_note(actor: Actor, data: DraftNote) -> Effected:
    """Add a note that was drafted as an action, to a contact or a company."""
    holder = _holder(actor, data)
    note = note_texts.add(actor, holder, data.content)
    noun = "contact" if data.contact_id else "company"
    return Effected(
        resource={"note": as_json(note_out(note))},
        inverse=Inverse(
            operation=f"crm.{noun}.note.delete",
            arguments={f"{noun}_id": str(holder.pk), "note_id": str(note.pk)},
            version=note.version,
        ),
    )


def preview_update(actor: Actor, data: UpdateContactNote) -> Preview:
    """The text now and after."""
    contact = present_contact(actor, data.contact_id)
    return note_texts.preview(
        contact, note_texts.note_of(actor, contact, data.note_id), data.content
    )


def _edits_at_once(actor: Actor, data: UpdateContactNote) -> str:
    return note_texts.may_edit_at_once(actor, data.note_id)


@operation(
    "crm.contact.note.update",
    schema=UpdateContactNote,
    scope=Scope.CONTACTS_WRITE,
    effect=Effect.CHANGE,
    gated=True,
    idempotent=True,
    propose_role=Role.MEMBER,
    run_role=Role.MEMBER,
    preview=preview_update,
    direct=_edits_at_once,
)
def update_contact_note(actor: Actor, data: UpdateContactNote) -> Effected:
    """Change what a contact's note says; the text before is kept."""
    contact = present_contact(actor, data.contact_id)
    note = note_texts.note_of(actor, contact, data.note_id)
    same = {"contact_id": data.contact_id, "note_id": data.note_id, "content": note.content}
    way_back = Inverse(operation="crm.contact.note.update", arguments=same)
    return note_texts.edit(note, actor, data.content, way_back)


def preview_delete(actor: Actor, data: DeleteContactNote) -> Preview:
    """The text that would go."""
    contact = present_contact(actor, data.contact_id)
    return note_texts.preview(contact, note_texts.note_of(actor, contact, data.note_id), "")


def _deletes_at_once(actor: Actor, data: DeleteContactNote) -> str:
    return note_texts.may_delete_at_once(actor, data.note_id)


def _red(_: DeleteContactNote) -> list[str]:
    return ["deletes a note"]


@operation(
    "crm.contact.note.delete",
    schema=DeleteContactNote,
    scope=Scope.CONTACTS_WRITE,
    effect=Effect.DELETE,
    gated=True,
    idempotent=True,
    propose_role=Role.MEMBER,
    run_role=Role.ADMIN,
    sensitive=_red,
    preview=preview_delete,
    direct=_deletes_at_once,
)
def delete_contact_note(actor: Actor, data: DeleteContactNote) -> Effected:
    """Hide a contact's note; an admin can restore it for 30 days."""
    contact = present_contact(actor, data.contact_id)
    note = note_texts.note_of(actor, contact, data.note_id)
    same = {"contact_id": data.contact_id, "note_id": data.note_id}
    return note_texts.hide(note, Inverse(operation="crm.contact.note.restore", arguments=same))


@operation(
    "crm.contact.note.restore",
    schema=RestoreContactNote,
    scope=Scope.CONTACTS_WRITE,
    effect=Effect.CHANGE,
    idempotent=True,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
)
def restore_contact_note(actor: Actor, data: RestoreContactNote) -> Effected:
    """Bring back a contact's note that was deleted less than 30 days ago."""
    contact = present_contact(actor, data.contact_id)
    return note_texts.bring_back(hidden_note(actor, contact, data.note_id))


def _holder(actor: Actor, data: DraftNote) -> Holder:
    if data.contact_id:
        return present_contact(actor, data.contact_id)
    return present_company(actor, data.company_id or "")
