"""Making, changing and deleting contacts."""

from typing import Any

from core import addresses, clock, domains
from core.access import Role, Scope
from core.actor import Actor
from core.operations import Effect, operation
from core.outcomes import Effected, FieldPreview
from crm import duplicates
from crm.authors import creation_source_of, name_of
from crm.free_mail import FREE_MAIL
from crm.models import Company, Contact, ExternalId, StageChange
from crm.properties import CONTACT_PROPERTIES
from crm.queries.companies import present_company
from crm.queries.contacts import contact_out, present_contact
from crm.schemas.contacts import ChosenContact, CreateContact, RevertContact, UpdateContact
from crm.services import visitors
from crm.services.record_kind import RecordKind


class Contacts(RecordKind[Contact]):
    """Contacts: of the company of their e-mail's domain, with the history of their browsers."""

    model = Contact
    noun = "contact"
    key = "email"
    key_words = "e-mail address"
    known = CONTACT_PROPERTIES
    scope = Scope.CONTACTS_WRITE
    present = staticmethod(present_contact)
    shown = staticmethod(contact_out)
    normal = staticmethod(addresses.normalize)
    duplicates = staticmethod(duplicates.of_contact)

    def name_of(self, row: Contact) -> str:
        """First and last name."""
        return row.full_name

    def complete(self, actor: Actor, row: Contact, data: CreateContact) -> None:
        """The company named, or the one of the e-mail's domain unless that is a free mailbox's."""
        row.creation_source = creation_source_of(actor)
        row.company = _employer(actor, data.company_id, row.email)

    def preview_rest(
        self, actor: Actor, row: Contact, data: CreateContact | UpdateContact
    ) -> list[FieldPreview]:
        """The company of a new contact, and the browser that is tied."""
        is_new = isinstance(data, CreateContact)
        company = [_company_preview(row.company)] if is_new and row.company else []
        return [*company, *visitors.preview(actor, None if is_new else row, data.visitor_id)]

    def change_rest(
        self, actor: Actor, row: Contact, data: CreateContact | UpdateContact
    ) -> dict[str, Any]:
        """Tie the browser; raises Conflict if it is tied to another contact."""
        if isinstance(data, CreateContact):
            _keep_step(actor, row, "")
        return visitors.tie_new(actor, row, data.visitor_id)

    def merge(
        self, actor: Actor, row: Contact, properties: dict[str, Any], *, reason: str = ""
    ) -> dict[str, Any]:
        """Set changed values, and store a lifecycle step with its reason."""
        stage = row.lifecyclestage
        previous = super().merge(actor, row, properties)
        _keep_step(actor, row, stage, reason)
        return previous


CONTACTS = Contacts()
create_contact, update_contact, delete_contact, restore_contact = CONTACTS.declare(
    create=CreateContact, update=UpdateContact, chosen=ChosenContact
)


@operation(
    "crm.contact.revert",
    schema=RevertContact,
    scope=Scope.CONTACTS_WRITE,
    effect=Effect.CHANGE,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
)
def revert_contact(actor: Actor, data: RevertContact) -> Effected:
    """Take back a change that also tied a browser or an outside id: called by an undo only."""
    contact = present_contact(actor, data.contact_id)
    CONTACTS.merge(actor, contact, data.properties)
    if data.visitor_id:
        visitors.unlink(actor, contact, data.visitor_id)
    if data.external_id:
        known = ExternalId.objects.visible_to(actor).filter(contact=contact)
        known.filter(external_id=data.external_id).delete()
    return CONTACTS.effected(contact)


def _employer(actor: Actor, company_id: str | None, email: str) -> Company | None:
    if company_id:
        return present_company(actor, company_id)
    domain = addresses.domain_of(email)
    if domain in FREE_MAIL:
        return None
    rows = Company.objects.visible_to(actor).present()
    return rows.filter(domain=domains.ascii_form(domain)).first()


def _company_preview(company: Company) -> FieldPreview:
    return FieldPreview(field="company_id", label="Company", now="", will_be=str(company))


def _keep_step(actor: Actor, contact: Contact, before: str, reason: str = "") -> None:
    """Store every step of the lifecycle, with its author."""
    if contact.lifecyclestage != before:
        StageChange.objects.create(
            workspace_id=contact.workspace_id,
            contact=contact,
            before=before,
            after=contact.lifecyclestage,
            at=clock.now(),
            by=name_of(actor)[:200],
            reason=reason,
        )
