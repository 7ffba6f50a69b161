"""Writing notes on contacts and companies: each operation is written once and declared for both."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel

from core.access import Role, Scope
from core.actor import Actor
from core.operations import Effect, operation
from core.outcomes import Effected, FieldPreview, Inverse, Preview
from core.schemas import as_json
from crm import records
from crm.queries.companies import present_company, present_record
from crm.queries.contacts import present_contact
from crm.queries.notes import note_out
from crm.schemas import notes as schemas
from crm.schemas.notes import ChosenNote, DraftNote, NewNote, NewText
from crm.services import note_texts
from crm.services.noun_operations import Facts, NounOperations


@dataclass(frozen=True)
class NotesOf(NounOperations):
    """The note operations of one noun: who holds the notes, and which scope writes them."""

    noun: str
    scope: Scope
    present: Callable[[Actor, str], records.Record]

    def create(self, actor: Actor, data: NewNote) -> Effected:
        """Add a note, at once."""
        note = note_texts.add(actor, self._holder(actor, data), data.content)
        return Effected(resource={"note": as_json(note_out(note))})

    def preview_update(self, actor: Actor, data: NewText) -> Preview:
        return self._preview(actor, data, data.content)

    def update(self, actor: Actor, data: NewText) -> Effected:
        """Change a note's text; the previous text is kept."""
        note = note_texts.note_of(actor, self._holder(actor, data), data.note_id)
        same = {**self._ids(data), "content": note.content}
        way_back = Inverse(operation=self.operation("update"), arguments=same)
        return note_texts.edit(note, actor, data.content, way_back)

    def preview_delete(self, actor: Actor, data: ChosenNote) -> Preview:
        """The text that would go."""
        return self._preview(actor, data, "")

    def delete(self, actor: Actor, data: ChosenNote) -> Effected:
        """Hide a note; an admin can restore it for 30 days."""
        note = note_texts.note_of(actor, self._holder(actor, data), data.note_id)
        way_back = Inverse(operation=self.operation("restore"), arguments=self._ids(data))
        return note_texts.hide(note, way_back)

    def restore(self, actor: Actor, data: ChosenNote) -> Effected:
        """Bring back a note that was deleted less than 30 days ago."""
        holder = self._holder(actor, data)
        return note_texts.bring_back(note_texts.hidden_note(actor, holder, data.note_id))

    def facts(self) -> tuple[Facts, Facts, Facts]:
        """Adding is direct; editing and deleting one's own is too (operations-8, access-12)."""
        members = {"propose_role": Role.MEMBER, "run_role": Role.MEMBER}
        update = {
            "preview": self.preview_update,
            "direct": lambda actor, data: note_texts.may_edit_at_once(actor, data.note_id),
        }
        delete = {
            "run_role": Role.ADMIN,
            "sensitive": lambda _: ["deletes a note"],
            "preview": self.preview_delete,
            "direct": lambda actor, data: note_texts.may_delete_at_once(actor, data.note_id),
        }
        gated = {**members, "gated": True}
        return members, gated | update, gated | delete

    def operation(self, verb: str) -> str:
        """The name of the operation."""
        return f"crm.{self.noun}.note.{verb}"

    def _preview(self, actor: Actor, data: ChosenNote, content: str) -> Preview:
        holder = self._holder(actor, data)
        note = note_texts.note_of(actor, holder, data.note_id)
        return note_texts.preview(holder, note, content)

    def _holder(self, actor: Actor, data: BaseModel) -> records.Record:
        return self.present(actor, getattr(data, f"{self.noun}_id"))

    def _ids(self, data: ChosenNote) -> dict[str, str]:
        key = f"{self.noun}_id"
        return {key: getattr(data, key), "note_id": data.note_id}


create_contact_note, update_contact_note, delete_contact_note, restore_contact_note = NotesOf(
    "contact", Scope.CONTACTS_WRITE, present_contact
).declare(
    create=schemas.CreateContactNote,
    update=schemas.UpdateContactNote,
    chosen=schemas.ChosenContactNote,
)
create_company_note, update_company_note, delete_company_note, restore_company_note = NotesOf(
    "company", Scope.COMPANIES_WRITE, present_company
).declare(
    create=schemas.CreateCompanyNote,
    update=schemas.UpdateCompanyNote,
    chosen=schemas.ChosenCompanyNote,
)


def preview_draft(actor: Actor, data: DraftNote) -> Preview:
    """The note as it would be."""
    holder = present_record(actor, data.contact_id, data.company_id)
    change = FieldPreview(field="content", label="Note", now="", will_be=data.content)
    return Preview(
        noun="note", target_id=None, target_name=records.address_of(holder), changes=[change]
    )


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
    holder = present_record(actor, data.contact_id, data.company_id)
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
