"""Writing notes on companies."""

from core.access import Role, Scope
from core.actor import Actor
from core.operations import Effect, operation
from core.outcomes import Effected, Inverse, Preview
from core.schemas import as_json
from crm.queries.companies import present_company
from crm.queries.notes import note_out
from crm.schemas.notes import (
    CreateCompanyNote,
    DeleteCompanyNote,
    RestoreCompanyNote,
    UpdateCompanyNote,
)
from crm.services import note_texts
from crm.services.deletions import hidden_note


@operation(
    "crm.company.note.create",
    schema=CreateCompanyNote,
    scope=Scope.COMPANIES_WRITE,
    effect=Effect.ADD,
    propose_role=Role.MEMBER,
    run_role=Role.MEMBER,
)
def create_company_note(actor: Actor, data: CreateCompanyNote) -> Effected:
    """Add a note to a company, at once."""
    note = note_texts.add(actor, present_company(actor, data.company_id), data.content)
    return Effected(resource={"note": as_json(note_out(note))})


def preview_update(actor: Actor, data: UpdateCompanyNote) -> Preview:
    """The text now and after."""
    company = present_company(actor, data.company_id)
    return note_texts.preview(
        company, note_texts.note_of(actor, company, data.note_id), data.content
    )


def _edits_at_once(actor: Actor, data: UpdateCompanyNote) -> str:
    return note_texts.may_edit_at_once(actor, data.note_id)


@operation(
    "crm.company.note.update",
    schema=UpdateCompanyNote,
    scope=Scope.COMPANIES_WRITE,
    effect=Effect.CHANGE,
    gated=True,
    idempotent=True,
    propose_role=Role.MEMBER,
    run_role=Role.MEMBER,
    preview=preview_update,
    direct=_edits_at_once,
)
def update_company_note(actor: Actor, data: UpdateCompanyNote) -> Effected:
    """Change what a company's note says; the text before is kept."""
    company = present_company(actor, data.company_id)
    note = note_texts.note_of(actor, company, data.note_id)
    same = {"company_id": data.company_id, "note_id": data.note_id, "content": note.content}
    way_back = Inverse(operation="crm.company.note.update", arguments=same)
    return note_texts.edit(note, actor, data.content, way_back)


def preview_delete(actor: Actor, data: DeleteCompanyNote) -> Preview:
    """The text that would go."""
    company = present_company(actor, data.company_id)
    return note_texts.preview(company, note_texts.note_of(actor, company, data.note_id), "")


def _deletes_at_once(actor: Actor, data: DeleteCompanyNote) -> str:
    return note_texts.may_delete_at_once(actor, data.note_id)


def _red(_: DeleteCompanyNote) -> list[str]:
    return ["deletes a note"]


@operation(
    "crm.company.note.delete",
    schema=DeleteCompanyNote,
    scope=Scope.COMPANIES_WRITE,
    effect=Effect.DELETE,
    gated=True,
    idempotent=True,
    propose_role=Role.MEMBER,
    run_role=Role.ADMIN,
    sensitive=_red,
    preview=preview_delete,
    direct=_deletes_at_once,
)
def delete_company_note(actor: Actor, data: DeleteCompanyNote) -> Effected:
    """Hide a company's note; an admin can restore it for 30 days."""
    company = present_company(actor, data.company_id)
    note = note_texts.note_of(actor, company, data.note_id)
    same = {"company_id": data.company_id, "note_id": data.note_id}
    return note_texts.hide(note, Inverse(operation="crm.company.note.restore", arguments=same))


@operation(
    "crm.company.note.restore",
    schema=RestoreCompanyNote,
    scope=Scope.COMPANIES_WRITE,
    effect=Effect.CHANGE,
    idempotent=True,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
)
def restore_company_note(actor: Actor, data: RestoreCompanyNote) -> Effected:
    """Bring back a company's note that was deleted less than 30 days ago."""
    company = present_company(actor, data.company_id)
    return note_texts.bring_back(hidden_note(actor, company, data.note_id))
