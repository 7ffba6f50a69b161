"""Making and changing contacts."""

from typing import Any

from core import addresses, clock, domains
from core.access import Role, Scope
from core.actor import Actor
from core.errors import Conflict, ValidationFailed
from core.operations import Effect, operation
from core.outcomes import Effected, FieldPreview, Inverse, Preview
from core.schemas import as_json
from crm import duplicates, records
from crm.authors import creation_source_of, name_of
from crm.free_mail import FREE_MAIL
from crm.models import Company, Contact, ExternalId, StageChange
from crm.properties import CONTACT_PROPERTIES, checked, unknown
from crm.queries.companies import present_company
from crm.queries.contacts import contact_out, present_contact
from crm.schemas.contacts import CreateContact, RevertContact, UpdateContact
from crm.search import index_of
from crm.services import visitors


def _sensitive(data: CreateContact | UpdateContact) -> list[str]:
    verb = "changes" if isinstance(data, UpdateContact) else "sets"
    return [
        f"{verb} {rule.label}"
        for key, rule in CONTACT_PROPERTIES.items()
        if rule.sensitive and key in data.properties
    ]


def preview_create(actor: Actor, data: CreateContact) -> Preview:
    """The contact as it would be, and who may be the same person; Conflict for a taken e-mail."""
    contact, values = _drafted(actor, data)
    changes = records.differences(Contact(), CONTACT_PROPERTIES, values)
    company = [_company_preview(contact.company)] if contact.company else []
    return Preview(
        noun="contact",
        target_id=None,
        target_name=contact.email,
        changes=[
            *records.previews(CONTACT_PROPERTIES, changes),
            *company,
            *visitors.preview(actor, None, data.visitor_id),
        ],
        unknown_properties=unknown(CONTACT_PROPERTIES, data.properties),
        possible_duplicates=duplicates.of_contact(actor, contact),
    )


@operation(
    "crm.contact.create",
    schema=CreateContact,
    scope=Scope.CONTACTS_WRITE,
    effect=Effect.ADD,
    gated=True,
    propose_role=Role.MEMBER,
    run_role=Role.REVIEWER,
    sensitive=_sensitive,
    preview=preview_create,
)
def create_contact(actor: Actor, data: CreateContact) -> Effected:
    """Add a contact, with the company of its e-mail domain and the history of its browser.

    Raises Conflict, with the existing id, for a taken e-mail or a visitor known as another one.
    """
    contact, values = _drafted(actor, data)
    if data.visitor_id:
        visitors.is_tied(actor, None, data.visitor_id)
    records.assign(contact, CONTACT_PROPERTIES, values, actor)
    contact.creation_source = creation_source_of(actor)
    contact.created_at = contact.updated_at = clock.now()
    index(contact)
    with records.or_conflict(Conflict("Another contact has this e-mail address.", field="email")):
        contact.save(force_insert=True)
    _note_stage(actor, contact, "")
    if data.visitor_id:
        visitors.tie(actor, contact, data.visitor_id)
    return Effected(
        resource={"contact": as_json(contact_out(contact))},
        inverse=Inverse(
            operation="crm.contact.delete",
            arguments={"contact_id": str(contact.pk)},
            version=contact.version,
        ),
        unknown_properties=unknown(CONTACT_PROPERTIES, data.properties) or None,
    )


def preview_update(actor: Actor, data: UpdateContact) -> Preview:
    """The fields that would change and their values now."""
    contact = present_contact(actor, data.contact_id)
    values = checked(CONTACT_PROPERTIES, data.properties)
    changes = records.differences(contact, CONTACT_PROPERTIES, values)
    return Preview(
        noun="contact",
        target_id=str(contact.pk),
        target_name=contact.email,
        version=contact.version,
        changes=[
            *records.previews(CONTACT_PROPERTIES, changes),
            *visitors.preview(actor, contact, data.visitor_id),
        ],
        unknown_properties=unknown(CONTACT_PROPERTIES, data.properties),
    )


@operation(
    "crm.contact.update",
    schema=UpdateContact,
    scope=Scope.CONTACTS_WRITE,
    effect=Effect.CHANGE,
    gated=True,
    idempotent=True,
    propose_role=Role.MEMBER,
    run_role=Role.REVIEWER,
    sensitive=_sensitive,
    preview=preview_update,
)
def update_contact(actor: Actor, data: UpdateContact) -> Effected:
    """Merge properties into a contact; `null` clears one. Raises Conflict for a taken e-mail."""
    contact = present_contact(actor, data.contact_id)
    previous = merge(actor, contact, data.properties)
    ties = bool(data.visitor_id) and not visitors.is_tied(actor, contact, data.visitor_id or "")
    if ties:
        visitors.tie(actor, contact, data.visitor_id or "")
    return Effected(
        resource={"contact": as_json(contact_out(contact))},
        previous=previous,
        inverse=_way_back(data, previous, ties=ties),
        unknown_properties=unknown(CONTACT_PROPERTIES, data.properties) or None,
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
    """Take back a change that also tied a browser or an outside id: only an undo asks for this."""
    contact = present_contact(actor, data.contact_id)
    merge(actor, contact, data.properties)
    if data.visitor_id:
        visitors.untie(actor, contact, data.visitor_id)
    if data.external_id:
        known = ExternalId.objects.visible_to(actor).filter(contact=contact)
        known.filter(external_id=data.external_id).delete()
    return Effected(resource={"contact": as_json(contact_out(contact))})


def index(contact: Contact) -> None:
    """Set what search looks at; call it before saving."""
    company = contact.company
    contact.search_text = index_of(
        contact.full_name,
        contact.email,
        contact.jobtitle,
        company.name if company else "",
        company.domain if company else "",
    )


def _drafted(actor: Actor, data: CreateContact) -> tuple[Contact, dict[str, Any]]:
    """The contact, unsaved, and its checked values; raises Conflict for a taken e-mail."""
    if "email" in data.properties:
        raise ValidationFailed("The e-mail stands in email alone.", field="properties.email")
    values: dict[str, Any] = checked(CONTACT_PROPERTIES, data.properties)
    values = {
        "email": addresses.normal(data.email),
        **{key: value for key, value in values.items() if value is not None},
    }
    _refuse_taken(actor, values["email"])
    contact = Contact(
        workspace_id=actor.workspace_id,
        email=values["email"],
        firstname=values.get("firstname", ""),
        lastname=values.get("lastname", ""),
        company=_employer(actor, data.company_id, values["email"]),
    )
    return contact, values


def _employer(actor: Actor, company_id: str | None, email: str) -> Company | None:
    """The company named, or the one of the e-mail's domain unless that is a free mailbox's."""
    if company_id:
        return present_company(actor, company_id)
    domain = addresses.domain_of(email)
    if domain in FREE_MAIL:
        return None
    rows = Company.objects.visible_to(actor).present()
    return rows.filter(domain=domains.ascii_form(domain)).first()


def _company_preview(company: Company) -> FieldPreview:
    return FieldPreview(field="company_id", label="Company", now="", will_be=str(company))


def _way_back(data: UpdateContact, previous: dict[str, Any], *, ties: bool) -> Inverse | None:
    same: dict[str, Any] = {"contact_id": data.contact_id, "properties": previous}
    if ties:
        same["visitor_id"] = data.visitor_id
        return Inverse(operation="crm.contact.revert", arguments=same)
    return Inverse(operation="crm.contact.update", arguments=same) if previous else None


def merge(
    actor: Actor, contact: Contact, properties: dict[str, Any], *, reason: str = ""
) -> dict[str, Any]:
    """Set what differs, by compare-and-set on the version read; returns the values before.

    `reason` is kept with a change of the lifecycle stage.
    """
    values = checked(CONTACT_PROPERTIES, properties)
    changes = records.differences(contact, CONTACT_PROPERTIES, values)
    if not changes:
        return {}
    wanted = {key: new for key, (_, new) in changes.items()}
    if wanted.get("email"):
        _refuse_taken(actor, wanted["email"])
    stage = contact.lifecyclestage
    records.assign(contact, CONTACT_PROPERTIES, wanted, actor)
    index(contact)
    with records.or_conflict(Conflict("Another contact has this e-mail address.", field="email")):
        records.save_changed(contact, CONTACT_PROPERTIES, wanted)
    _note_stage(actor, contact, stage, reason)
    return {key: now for key, (now, _) in changes.items()}


def _refuse_taken(actor: Actor, email: str) -> None:
    other = Contact.objects.visible_to(actor).present().filter(email=email).first()
    if other is not None:
        raise Conflict(
            "Another contact has this e-mail address.",
            hint="Read or update that contact.",
            contact_id=str(other.pk),
            field="email",
        )


def _note_stage(actor: Actor, contact: Contact, before: str, reason: str = "") -> None:
    """Keep every step of the lifecycle, with who made it."""
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
