"""Contacts and companies: the routes of both, and a contact's timeline."""

from typing import Any

from api.route import Route

_ANA = {"email": "ana@umbrella.example", "properties": {"firstname": "Ana"}}
_UMBRELLA = {"domain": "umbrella.example", "properties": {"name": "Umbrella"}}
_CONTACT = {"contact_id": "ct_01jd0000000000000000000000"}
_COMPANY = {"company_id": "co_01jd0000000000000000000000"}
_NOTE = {"note_id": "note_01jd0000000000000000000000"}


def _records(
    noun: str, plural: str, one: dict[str, str], *, new: dict[str, Any], change: dict[str, str]
) -> tuple[Route, ...]:
    """List, create, get, change and delete; `one`, `new` and `change` are the examples."""
    every, path = f"/{plural}", f"/{plural}/{{{noun}_id}}"
    search = {"search": "acme", "limit": 5}
    changed = {**one, "properties": change}
    return (
        Route("GET", every, f"crm.{noun}.list", f"List {plural}", example=search),
        Route("POST", every, f"crm.{noun}.create", f"Create a {noun}", example=new),
        Route("GET", path, f"crm.{noun}.get", f"Get a {noun}", example=one),
        Route("PUT", path, f"crm.{noun}.update", f"Change a {noun}", example=changed),
        Route("DELETE", path, f"crm.{noun}.delete", f"Delete a {noun}", example=one),
    )


def _notes(
    noun: str, plural: str, one: dict[str, str], *, new: str, change: str
) -> tuple[Route, ...]:
    """The notes of one record; `one`, `new` and `change` are the examples."""
    every, name = f"/{plural}/{{{noun}_id}}/notes", f"crm.{noun}.note"
    path, note = f"{every}/{{note_id}}", {**one, **_NOTE}
    added, edited = {**one, "content": new}, {**note, "content": change}
    return (
        Route("GET", every, f"{name}.list", f"List a {noun}'s notes", example=one),
        Route("POST", every, f"{name}.create", f"Add a note to a {noun}", example=added),
        Route(
            "PUT",
            path,
            f"{name}.update",
            f"Edit a {noun}'s note",
            offers_approval=False,
            example=edited,
        ),
        Route("DELETE", path, f"{name}.delete", f"Delete a {noun}'s note", example=note),
    )


CONTACTS = (
    *_records("contact", "contacts", _CONTACT, new=_ANA, change={"jobtitle": "CTO"}),
    Route(
        "GET",
        "/contacts/{contact_id}/timeline",
        "crm.contact.timeline",
        "Get a contact's timeline",
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
    *_notes(
        "contact",
        "contacts",
        _CONTACT,
        new="Asked about single sign-on.",
        change="Asked about single sign-on and audit logs.",
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
COMPANIES = (
    *_records("company", "companies", _COMPANY, new=_UMBRELLA, change={"industry": "Logistics"}),
    *_notes(
        "company",
        "companies",
        _COMPANY,
        new="Moves to a new office in May.",
        change="Moves to a new office in June.",
    ),
)
ROUTES = (*CONTACTS, *COMPANIES)
