"""Shared by contact notes and company notes: create, edit, delete, restore.

Every text keeps its author: an edit moves the previous text, with its author, to NoteVersion, and a
text that is put back gets its author back. External text stays external.
"""

from typing import Any

from core import clock
from core.actor import Actor, ActorKind
from core.errors import Conflict
from core.outcomes import Effected, FieldPreview, Inverse, Preview
from core.schemas import as_json
from crm import records
from crm.authors import connection_of, name_of, source_of
from crm.models import Note, NoteVersion
from crm.queries.notes import note_out, present_notes

Wording = dict[str, Any]


def add(actor: Actor, holder: records.Record, content: str) -> Note:
    """A new note on a contact or company."""
    moment = clock.now()
    return Note.objects.create(
        workspace_id=actor.workspace_id,
        **records.column_of(holder),
        content=content,
        source=source_of(actor),
        author_id=actor.user_id,
        author_name=name_of(actor)[:200],
        connection_id=connection_of(actor),
        created_at=moment,
        updated_at=moment,
    )


def note_of(actor: Actor, holder: records.Record, note_id: str) -> Note:
    """The holder's note that is not deleted; raises NotFound."""
    return present_notes(actor).filter(**records.column_of(holder)).one(note_id, "note")


def hidden_note(actor: Actor, holder: records.Record, note_id: str) -> Note:
    """The holder's note, deleted less than 30 days ago or not at all; raises NotFound."""
    rows = Note.objects.visible_to(actor).filter(records.restorable(), **records.column_of(holder))
    return rows.one(note_id, "note")


def preview(holder: records.Record, note: Note, content: str) -> Preview:
    """The note's text before and after; an empty text is a deletion."""
    change = FieldPreview(field="content", label="Note", now=note.content, will_be=content)
    return Preview(
        noun="note",
        target_id=str(note.pk),
        target_name=records.address_of(holder),
        version=note.version,
        changes=[change] if note.content != content else [],
    )


def edit(note: Note, actor: Actor, content: str, way_back: Inverse) -> Effected:
    """Change the text, keeping the one before; raises Conflict after a concurrent change."""
    before = note.content
    if before != content:
        _save(note, _wording(note, actor, content))
    return Effected(
        resource={"note": as_json(note_out(note))},
        previous={"content": before},
        inverse=way_back if before != content else None,
    )


def hide(note: Note, way_back: Inverse) -> Effected:
    """Delete the note for everybody; the row stays for 30 days."""
    moment = clock.now()
    rows = Note.objects.present().filter(pk=note.pk, workspace_id=note.workspace_id)
    if not rows.update(deleted_at=moment, updated_at=moment):
        raise Conflict("The note was deleted at the same time.")
    return Effected(
        resource={"note": {"note_id": str(note.pk), "deleted": True}},
        previous={"content": note.content},
        inverse=way_back,
    )


def bring_back(note: Note) -> Effected:
    """Undo the deletion of a note."""
    rows = Note.objects.filter(pk=note.pk, workspace_id=note.workspace_id)
    rows.update(deleted_at=None, updated_at=clock.now())
    note.refresh_from_db()
    return Effected(resource={"note": as_json(note_out(note))})


def may_edit_at_once(actor: Actor, note_id: str) -> str:
    """Why this actor edits the note without approval, or empty (operations-8).

    A person in the dashboard always does; an app only where it wrote every version itself.
    """
    if actor.kind is ActorKind.PERSON:
        return "people edit notes directly"
    mine = connection_of(actor)
    note = present_notes(actor).filter(pk=note_id).first()
    if not mine or note is None or note.connection_id != mine or note.author_id != actor.user_id:
        return ""
    if NoteVersion.objects.filter(note=note).exclude(connection_id=mine).exists():
        return ""
    return "this app wrote the note"


def may_delete_at_once(actor: Actor, note_id: str) -> str:
    """Why this actor deletes the note without approval, or empty (access-12)."""
    if actor.kind is not ActorKind.PERSON or actor.user_id is None:
        return ""
    own = present_notes(actor).filter(pk=note_id, author=actor.user_id)
    return "it is your own note" if own.exists() else ""


def _wording(note: Note, actor: Actor, content: str) -> Wording:
    """The text and its author: of the version with the same text, or the editor."""
    same = NoteVersion.objects.filter(note=note, content=content).order_by("-version").first()
    if same is not None:
        return {
            "content": content,
            "source": same.source,
            "author_id": same.author_id,
            "author_name": same.author_name,
            "connection_id": same.connection_id,
        }
    return {
        "content": content,
        "source": "external" if note.source == "external" else source_of(actor),
        "author_id": actor.user_id,
        "author_name": name_of(actor)[:200],
        "connection_id": connection_of(actor),
    }


def _save(note: Note, wording: Wording) -> None:
    moment, seen = clock.now(), note.version
    version = NoteVersion(
        workspace_id=note.workspace_id,
        note=note,
        version=seen,
        content=note.content,
        source=note.source,
        author_id=note.author_id,
        author_name=note.author_name,
        connection_id=note.connection_id,
        replaced_at=moment,
    )
    values = {**wording, "version": seen + 1, "updated_at": moment}
    rows = Note.objects.present().filter(pk=note.pk, workspace_id=note.workspace_id, version=seen)
    if not rows.update(**values):
        raise Conflict("The note was changed at the same time.", hint="Read it and try again.")
    version.save(force_insert=True)
    for name, value in values.items():
        setattr(note, name, value)
