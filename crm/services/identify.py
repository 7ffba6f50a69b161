"""Identifying a visitor from a server: the contact, the outside id, the browser's history.

1. The outside id finds the contact, else the e-mail, else the browser; an e-mail makes a new one.
2. An e-mail never changes here: that is a high-risk change with its own route.
3. A server's statement is confirmed; it moves a browser that was only claimed (data-11).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core import addresses, clock
from core.access import Role, Scope
from core.actor import Actor
from core.errors import AppError, Conflict, ValidationFailed
from core.operations import Effect, operation
from core.outcomes import Effected, FieldPreview, Inverse, Preview
from crm import records
from crm.models import Contact, ExternalId, Visitor
from crm.properties import CONTACT_PROPERTIES, validate
from crm.schemas.contacts import CreateContact
from crm.schemas.identify import Identify
from crm.services import visitors
from crm.services.contacts import CONTACTS

SYSTEM = "api"
_FIELDS = {"visitor_id": "anonymous_id", "email": "traits.email"}


def _sensitive(data: Identify) -> list[str]:
    rules = (CONTACT_PROPERTIES[key] for key in data.traits if key in CONTACT_PROPERTIES)
    return [f"sets {rule.label}" for rule in rules if rule.sensitive and rule.key != "email"]


def preview_identify(actor: Actor, data: Identify) -> Preview:
    """The change to the contact; raises Conflict when the ids are of two contacts."""
    with _in_our_names():
        contact = _found(actor, data)
        if contact is None:
            return _with_outside_id(CONTACTS.preview_create(actor, _new(data)), data)
        preview = CONTACTS.preview_of(contact, _values(data), data.traits)
        preview.changes += visitors.preview(actor, contact, data.anonymous_id)
        return preview if _has_outside_id(contact, data) else _with_outside_id(preview, data)


@operation(
    "crm.contact.identify",
    schema=Identify,
    scope=Scope.CONTACTS_WRITE,
    effect=Effect.CHANGE,
    gated=True,
    idempotent=True,
    propose_role=Role.MEMBER,
    run_role=Role.REVIEWER,
    sensitive=_sensitive,
    preview=preview_identify,
)
def identify(actor: Actor, data: Identify) -> Effected:
    """Merge the traits into the contact the ids name, or make it, and tie the ids to it.

    Raises Conflict when the ids are of two contacts, ValidationFailed when no contact has them and
    no e-mail is given.
    """
    with _in_our_names():
        contact = _found(actor, data)
        return _made(actor, data) if contact is None else _recognised(actor, contact, data)


def _made(actor: Actor, data: Identify) -> Effected:
    made = CONTACTS.create(actor, _new(data))
    contact_id = made.resource["contact"]["contact_id"]
    _keep_outside_id(actor, Contact.objects.visible_to(actor).one(contact_id, "contact"), data)
    return made


def _recognised(actor: Actor, contact: Contact, data: Identify) -> Effected:
    previous = CONTACTS.merge(actor, contact, _values(data))
    rest = visitors.tie_new(actor, contact, data.anonymous_id)
    if not _has_outside_id(contact, data):
        _keep_outside_id(actor, contact, data)
        rest |= {"external_id": data.external_id or ""}
    undo = Inverse(
        operation="crm.contact.revert",
        arguments={"contact_id": str(contact.pk), "properties": previous, **rest},
    )
    return CONTACTS.effected(contact, undo, previous, data.traits)


def _found(actor: Actor, data: Identify) -> Contact | None:
    """The contact with these ids; None for a new one, which has an e-mail."""
    email = _email(data)
    named = _by_outside_id(actor, data.external_id)
    if named is not None and email not in {None, named.email}:
        raise Conflict(
            "This external id belongs to a contact with another e-mail address.",
            hint="Review that contact; change its address with PUT /v1/contacts/{contact_id}.",
            field="external_id",
            contact_id=str(named.pk),
        )
    if named is None and email is None:
        named = _by_browser(actor, data.anonymous_id)
        if named is None:
            raise ValidationFailed(
                "No contact matches yet.",
                hint="Set traits.email to create the contact.",
                field="traits.email",
            )
    rows = Contact.objects.visible_to(actor).present().select_related("company")
    return named or rows.filter(email=email).first()


def _by_outside_id(actor: Actor, external_id: str | None) -> Contact | None:
    rows = ExternalId.objects.visible_to(actor).filter(system=SYSTEM, external_id=external_id)
    found = rows.filter(contact__deleted_at=None).select_related("contact__company").first()
    return found.contact if found else None


def _by_browser(actor: Actor, visitor_id: str | None) -> Contact | None:
    rows = Visitor.objects.visible_to(actor).filter(visitor_id=visitor_id, confirmed=True)
    found = rows.filter(contact__deleted_at=None).select_related("contact__company").first()
    return found.contact if found else None


def _email(data: Identify) -> str | None:
    given = validate(CONTACT_PROPERTIES, {k: v for k, v in data.traits.items() if k == "email"})
    return addresses.normalize(str(given["email"])) if given else None


def _values(data: Identify) -> dict[str, Any]:
    rest = {key: value for key, value in data.traits.items() if key != "email"}
    return dict(validate(CONTACT_PROPERTIES, rest))


def _new(data: Identify) -> CreateContact:
    return CreateContact(
        email=_email(data) or "", properties=_values(data), visitor_id=data.anonymous_id
    )


def _has_outside_id(contact: Contact, data: Identify) -> bool:
    """Whether the contact already has the given id, or none is given."""
    if data.external_id is None:
        return True
    same = ExternalId.objects.filter(workspace_id=contact.workspace_id, contact=contact)
    return same.filter(system=SYSTEM, external_id=data.external_id).exists()


def _keep_outside_id(actor: Actor, contact: Contact, data: Identify) -> None:
    if data.external_id is None:
        return
    known = ExternalId.objects.visible_to(actor).filter(system=SYSTEM, external_id=data.external_id)
    known.exclude(contact__deleted_at=None).delete()  # a deleted contact's id is free again
    with records.or_conflict(
        Conflict("This external id belongs to another contact.", field="external_id")
    ):
        ExternalId.objects.create(
            workspace_id=actor.workspace_id,
            contact=contact,
            system=SYSTEM,
            external_id=data.external_id,
            created_at=clock.now(),
        )


def _with_outside_id(preview: Preview, data: Identify) -> Preview:
    if data.external_id is None:
        return preview
    line = FieldPreview(field="external_id", label="External id", now="", will_be=data.external_id)
    return preview.model_copy(update={"changes": [*preview.changes, line]})


@contextmanager
def _in_our_names() -> Iterator[None]:
    """Refusals of the inner operations, with the caller's field names."""
    try:
        yield
    except AppError as refusal:
        if refusal.field:
            renamed = refusal.field.replace("properties.", "traits.", 1)
            refusal.field = _FIELDS.get(refusal.field, renamed)
        refusal.hint = refusal.hint.replace("visitor_id", "anonymous_id")
        raise
