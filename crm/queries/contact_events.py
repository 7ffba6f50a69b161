"""The events of contacts, for who may read contacts and not all events (access-5)."""

from core.access import Scope
from core.actor import Actor
from core.errors import NotFound
from core.operations import Effect, operation
from crm.queries import events
from crm.queries.contacts import present_contact
from crm.schemas.contacts import ContactId
from crm.schemas.events import EventDetails, EventPage, GetEvent, ListEvents


class ListContactEvents(ListEvents):
    contact_id: ContactId


@operation(
    "crm.contact.event.list",
    schema=ListContactEvents,
    scope=Scope.CONTACTS_READ,
    effect=Effect.READ,
)
def list_contact_events(actor: Actor, data: ListContactEvents) -> EventPage:
    """A page of one contact's events, or their number; raises NotFound."""
    present_contact(actor, data.contact_id)
    return events.list_events.perform(actor, data)


@operation("crm.contact.event.get", schema=GetEvent, scope=Scope.CONTACTS_READ, effect=Effect.READ)
def get_contact_event(actor: Actor, data: GetEvent) -> EventDetails:
    """One event of a contact; raises NotFound for an event without a known contact."""
    found = events.get_event.perform(actor, data)
    if found.event.contact_id is None:
        raise NotFound("event")
    return found
