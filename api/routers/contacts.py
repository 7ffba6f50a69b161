"""Contacts, what happened around them, their notes and their events."""

from api.route import Route

_CONTACT = {"contact_id": "ct_01jd0000000000000000000000"}
_NOTE = {**_CONTACT, "note_id": "note_01jd0000000000000000000000"}

ROUTES = (
    Route(
        "GET",
        "/contacts",
        "crm.contact.list",
        "List contacts",
        example={"search": "acme", "limit": 5},
    ),
    Route(
        "POST",
        "/contacts",
        "crm.contact.create",
        "Create a contact",
        example={"email": "ana@umbrella.example", "properties": {"firstname": "Ana"}},
    ),
    Route(
        "GET",
        "/contacts/{contact_id}",
        "crm.contact.get",
        "Get a contact",
        example=_CONTACT,
    ),
    Route(
        "PUT",
        "/contacts/{contact_id}",
        "crm.contact.update",
        "Change a contact",
        example={**_CONTACT, "properties": {"jobtitle": "CTO"}},
    ),
    Route(
        "DELETE",
        "/contacts/{contact_id}",
        "crm.contact.delete",
        "Delete a contact",
        example=_CONTACT,
    ),
    Route(
        "GET",
        "/contacts/{contact_id}/timeline",
        "crm.contact.timeline",
        "Get what happened around a contact",
        example={**_CONTACT, "types": ["message", "note"], "limit": 10},
    ),
    Route(
        "GET",
        "/contacts/{contact_id}/conversations",
        "crm.contact.conversation.list",
        "List a contact's conversations",
        example={**_CONTACT, "include_messages": True, "limit": 5},
    ),
    Route(
        "GET",
        "/contacts/{contact_id}/email-threads",
        "crm.contact.email_thread.list",
        "List a contact's e-mail threads",
        example=_CONTACT,
    ),
    Route(
        "GET",
        "/contacts/{contact_id}/notes",
        "crm.contact.note.list",
        "List a contact's notes",
        example=_CONTACT,
    ),
    Route(
        "POST",
        "/contacts/{contact_id}/notes",
        "crm.contact.note.create",
        "Add a note to a contact",
        example={**_CONTACT, "content": "Asked about single sign-on."},
    ),
    Route(
        "PUT",
        "/contacts/{contact_id}/notes/{note_id}",
        "crm.contact.note.update",
        "Edit a contact's note",
        offers_approval=False,
        example={**_NOTE, "content": "Asked about single sign-on and audit logs."},
    ),
    Route(
        "DELETE",
        "/contacts/{contact_id}/notes/{note_id}",
        "crm.contact.note.delete",
        "Delete a contact's note",
        example=_NOTE,
    ),
    Route(
        "GET",
        "/contacts/{contact_id}/events",
        "crm.contact.event.list",
        "List a contact's events",
        example={**_CONTACT, "event_type": "page_view"},
    ),
    Route(
        "GET",
        "/contacts/events/{event_id}",
        "crm.contact.event.get",
        "Get an event of a contact",
        example={"event_id": "evt_01jd0000000000000000000000"},
    ),
)
