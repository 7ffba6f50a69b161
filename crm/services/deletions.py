"""Deleting contacts and companies: hidden at once, back within 30 days, then erased (rules 1).

A hidden contact hides its notes, conversations and events with it: they are reached through it. A
hidden company keeps its contacts.
"""

from core import clock
from core.access import Role, Scope
from core.actor import Actor
from core.errors import Conflict
from core.operations import Effect, operation
from core.outcomes import Effected, FieldPreview, Inverse, Preview
from core.schemas import as_json
from crm import records
from crm.models import Company, Contact, Note
from crm.queries.companies import company_out, present_company
from crm.queries.contacts import contact_out, present_contact
from crm.records import Record
from crm.schemas.companies import DeleteCompany, RestoreCompany
from crm.schemas.contacts import DeleteContact, RestoreContact


def preview_delete_contact(actor: Actor, data: DeleteContact) -> Preview:
    """Who would go."""
    contact = present_contact(actor, data.contact_id)
    return _goes("contact", contact, [contact.full_name, contact.email])


def _red_contact(_: DeleteContact) -> list[str]:
    return ["deletes a contact"]


@operation(
    "crm.contact.delete",
    schema=DeleteContact,
    scope=Scope.CONTACTS_WRITE,
    effect=Effect.DELETE,
    gated=True,
    idempotent=True,
    propose_role=Role.MEMBER,
    run_role=Role.ADMIN,
    sensitive=_red_contact,
    preview=preview_delete_contact,
)
def delete_contact(actor: Actor, data: DeleteContact) -> Effected:
    """Hide a contact with its notes and conversations."""
    contact = present_contact(actor, data.contact_id)
    _hide(contact)
    same = {"contact_id": data.contact_id}
    return Effected(
        resource={"contact": {**same, "deleted": True}},
        inverse=Inverse(operation="crm.contact.restore", arguments=same),
    )


@operation(
    "crm.contact.restore",
    schema=RestoreContact,
    scope=Scope.CONTACTS_WRITE,
    effect=Effect.CHANGE,
    idempotent=True,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
)
def restore_contact(actor: Actor, data: RestoreContact) -> Effected:
    """Bring a contact back. Raises Conflict when its e-mail is another contact's by now."""
    rows = Contact.objects.visible_to(actor).filter(records.restorable()).select_related("company")
    contact = rows.one(data.contact_id, "contact")
    _bring_back(contact, Conflict("Another contact has this e-mail address.", field="email"))
    return Effected(resource={"contact": as_json(contact_out(contact))})


def preview_delete_company(actor: Actor, data: DeleteCompany) -> Preview:
    """What would go."""
    company = present_company(actor, data.company_id)
    return _goes("company", company, [company.name, company.domain])


def _red_company(_: DeleteCompany) -> list[str]:
    return ["deletes a company"]


@operation(
    "crm.company.delete",
    schema=DeleteCompany,
    scope=Scope.COMPANIES_WRITE,
    effect=Effect.DELETE,
    gated=True,
    idempotent=True,
    propose_role=Role.MEMBER,
    run_role=Role.ADMIN,
    sensitive=_red_company,
    preview=preview_delete_company,
)
def delete_company(actor: Actor, data: DeleteCompany) -> Effected:
    """Hide a company with its notes; its contacts stay."""
    company = present_company(actor, data.company_id)
    _hide(company)
    same = {"company_id": data.company_id}
    return Effected(
        resource={"company": {**same, "deleted": True}},
        inverse=Inverse(operation="crm.company.restore", arguments=same),
    )


@operation(
    "crm.company.restore",
    schema=RestoreCompany,
    scope=Scope.COMPANIES_WRITE,
    effect=Effect.CHANGE,
    idempotent=True,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
)
def restore_company(actor: Actor, data: RestoreCompany) -> Effected:
    """Bring a company back. Raises Conflict when its domain is another company's by now."""
    rows = Company.objects.visible_to(actor).filter(records.restorable())
    company = rows.one(data.company_id, "company")
    _bring_back(company, Conflict("Another company has this domain.", field="domain"))
    return Effected(resource={"company": as_json(company_out(company))})


def hidden_note(actor: Actor, holder: Record, note_id: str) -> Note:
    """The holder's note, deleted less than 30 days ago or not at all; raises NotFound."""
    column = "contact" if isinstance(holder, Contact) else "company"
    rows = Note.objects.visible_to(actor).filter(records.restorable(), **{column: holder})
    return rows.one(note_id, "note")


def _goes(noun: str, row: Record, names: list[str]) -> Preview:
    now = ", ".join(name for name in names if name)
    change = FieldPreview(field="deleted", label=noun.capitalize(), now=now, will_be="")
    return Preview(
        noun=noun,
        target_id=str(row.pk),
        target_name=records.address_of(row),
        version=row.version,
        changes=[change],
    )


def _hide(row: Record) -> None:
    row.deleted_at = clock.now()
    records.save_changed(row, {}, {}, "deleted_at")


def _bring_back(row: Record, conflict: Conflict) -> None:
    if row.deleted_at is None:
        return
    row.deleted_at = None
    with records.or_conflict(conflict):
        records.save_changed(row, {}, {}, "deleted_at")
