"""Changing contacts."""

from typing import Any

from django.db import IntegrityError, transaction

from core import clock
from core.access import Role, Scope
from core.actor import Actor
from core.errors import Conflict
from core.operations import Effect, operation
from core.outcomes import Effected, FieldPreview, Inverse, Preview
from core.schemas import as_json
from crm.models import Contact
from crm.properties import CONTACT_PROPERTIES, checked, shown, unknown
from crm.queries.contacts import contact_out, present_contact
from crm.schemas.contacts import UpdateContact
from crm.search import fold


def _sensitive(data: UpdateContact) -> list[str]:
    return [
        f"changes {rule.label}"
        for key, rule in CONTACT_PROPERTIES.items()
        if rule.sensitive and key in data.properties
    ]


def preview_update(actor: Actor, data: UpdateContact) -> Preview:
    """The fields that would change and their values now."""
    contact = present_contact(actor, data.contact_id)
    changes = _differences(contact, checked(CONTACT_PROPERTIES, data.properties))
    return Preview(
        noun="contact",
        target_id=str(contact.pk),
        target_name=str(contact),
        version=contact.version,
        changes=[
            FieldPreview(field=key, label=_label(key), now=shown(now), will_be=shown(new))
            for key, (now, new) in changes.items()
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
    changes = _differences(contact, checked(CONTACT_PROPERTIES, data.properties))
    previous = {key: now for key, (now, _) in changes.items()}
    if changes:
        _write(contact, {key: new for key, (_, new) in changes.items()}, actor)
    return Effected(
        resource={"contact": as_json(contact_out(contact))},
        previous=previous,
        inverse=Inverse(
            operation="crm.contact.update",
            arguments={"contact_id": data.contact_id, "properties": previous},
        )
        if previous
        else None,
        unknown_properties=unknown(CONTACT_PROPERTIES, data.properties) or None,
    )


def index(contact: Contact) -> None:
    """Set what search looks at; call it before saving."""
    company = contact.company
    contact.search_text = fold(
        contact.full_name,
        contact.email,
        contact.jobtitle,
        company.name if company else "",
        company.domain if company else "",
    )


def _differences(contact: Contact, values: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {key: (now, new) for key, new in values.items() if (now := _value(contact, key)) != new}


def _value(contact: Contact, key: str) -> Any:
    if key not in CONTACT_PROPERTIES:
        return contact.properties.get(key)
    value = getattr(contact, key)
    return None if value == "" else value


def _label(key: str) -> str:
    return CONTACT_PROPERTIES[key].label if key in CONTACT_PROPERTIES else key


def _write(contact: Contact, values: dict[str, Any], actor: Actor) -> None:
    """Set the values and bump the version, by compare-and-set on the version read."""
    seen = contact.version
    _refuse_taken(contact, values.get("email"), actor)
    for key, value in values.items():
        _set(contact, key, value)
        contact.provenance[key] = {"source": actor.kind, "at": clock.iso(clock.now())}
    contact.version = seen + 1
    contact.updated_at = clock.now()
    index(contact)
    columns = [key for key in values if key in CONTACT_PROPERTIES]
    changed = Contact.objects.visible_to(actor).filter(pk=contact.pk, version=seen)
    fields = {*columns, "properties", "provenance", "version", "updated_at", "search_text"}
    try:
        with transaction.atomic():
            made = changed.update(**{name: getattr(contact, name) for name in fields})
    except IntegrityError:
        made = 0  # the address was taken at the same moment
    if not made:
        raise Conflict("The contact was changed at the same moment.", hint="Read it and try again.")


def _refuse_taken(contact: Contact, email: str | None, actor: Actor) -> None:
    same = Contact.objects.visible_to(actor).present().filter(email=email or "")
    other = same.exclude(pk=contact.pk).first() if email else None
    if other is not None:
        raise Conflict(
            "Another contact has this e-mail address.", contact_id=str(other.pk), field="email"
        )


def _set(contact: Contact, key: str, value: Any) -> None:
    if key not in CONTACT_PROPERTIES:
        if value is None:
            contact.properties.pop(key, None)
        else:
            contact.properties[key] = value
        return
    is_nullable = CONTACT_PROPERTIES[key].kind is not str
    setattr(contact, key, value if value is not None or is_nullable else "")
