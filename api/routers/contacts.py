"""Contacts and their notes."""

from api.route import Route

_CONTACT = {"contact_id": "ct_01jd0000000000000000000000"}

ROUTES = (
    Route(
        "GET",
        "/contacts",
        "crm.contact.list",
        "List contacts",
        example={"search": "acme", "limit": 5},
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
)
