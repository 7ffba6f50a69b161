"""Browsers that are known to be a contact's: tying them, with the history they had before."""

from django.db.models import Min, QuerySet

from core import clock
from core.actor import Actor
from core.errors import Conflict
from core.outcomes import FieldPreview
from crm import records
from crm.models import Contact, Event, Visitor

BATCH = 1000
_KNOWN = "This visitor id belongs to another contact."


def preview(actor: Actor, contact: Contact | None, visitor_id: str | None) -> list[FieldPreview]:
    """The change of tying the browser; raises Conflict when it is another contact's."""
    if visitor_id is None or is_tied(actor, contact, visitor_id):
        return []
    return [FieldPreview(field="visitor_id", label="Browser", now="", will_be=visitor_id)]


def is_tied(actor: Actor, contact: Contact | None, visitor_id: str) -> bool:
    """Whether the browser is this contact's already; raises Conflict when it is another's.

    A tie that was only claimed does not bind: the next tie confirms it (data-11).
    """
    found = _present(actor, visitor_id).filter(confirmed=True).first()
    if found is None:
        return False
    if contact is None or found.contact_id != contact.pk:
        raise Conflict(
            _KNOWN,
            hint="Omit visitor_id, or review that contact.",
            field="visitor_id",
            contact_id=str(found.contact_id),
        )
    return True


def tie_new(actor: Actor, contact: Contact, visitor_id: str | None) -> dict[str, str]:
    """Tie a browser unless it is the contact's already; returns the data a revert needs."""
    if not visitor_id or is_tied(actor, contact, visitor_id):
        return {}
    link(actor, contact, visitor_id)
    return {"visitor_id": visitor_id}


def link(actor: Actor, contact: Contact, visitor_id: str) -> None:
    """Make the browser the contact's, with its events that had no contact or a claimed one."""
    for claim in _present(actor, visitor_id).filter(confirmed=False).select_related("contact"):
        unlink(actor, claim.contact, visitor_id)
    Visitor.objects.visible_to(actor).filter(visitor_id=visitor_id).delete()
    with records.or_conflict(Conflict(_KNOWN, field="visitor_id")):
        Visitor.objects.create(
            workspace_id=actor.workspace_id,
            contact=contact,
            visitor_id=visitor_id,
            confirmed=True,
            created_at=clock.now(),
        )
    history = Event.objects.visible_to(actor).filter(visitor_id=visitor_id, contact=None)
    first = history.aggregate(first=Min("timestamp"))["first"]
    _in_batches(history, contact=contact.pk, company=contact.company_id)
    if first and (contact.first_seen_at is None or first < contact.first_seen_at):
        contact.first_seen_at = first
        rows = Contact.objects.visible_to(actor).filter(pk=contact.pk)
        rows.update(first_seen_at=first)


def unlink(actor: Actor, contact: Contact, visitor_id: str) -> None:
    """Untie the browser and its events from the contact."""
    tied = Visitor.objects.visible_to(actor).filter(contact=contact, visitor_id=visitor_id)
    if tied.delete()[0]:
        history = Event.objects.visible_to(actor).filter(visitor_id=visitor_id, contact=contact)
        _in_batches(history, contact=None, company=None)


def _present(actor: Actor, visitor_id: str) -> QuerySet[Visitor]:
    """A deleted contact's browser is free again."""
    rows = Visitor.objects.visible_to(actor).filter(visitor_id=visitor_id)
    return rows.filter(contact__deleted_at=None)


def _in_batches(rows: QuerySet[Event], **values: str | None) -> None:
    """Update rows until `rows` is empty, 1,000 per statement (data-5)."""
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        Event.objects.filter(pk__in=keys).update(**values)
