"""Companies and their notes."""

from api.route import Route

_COMPANY = {"company_id": "co_01jd0000000000000000000000"}
_NOTE = {**_COMPANY, "note_id": "note_01jd0000000000000000000000"}

ROUTES = (
    Route(
        "GET",
        "/companies",
        "crm.company.list",
        "List companies",
        example={"search": "acme", "limit": 5},
    ),
    Route(
        "POST",
        "/companies",
        "crm.company.create",
        "Create a company",
        example={"domain": "umbrella.example", "properties": {"name": "Umbrella"}},
    ),
    Route(
        "GET",
        "/companies/{company_id}",
        "crm.company.get",
        "Get a company",
        example=_COMPANY,
    ),
    Route(
        "PUT",
        "/companies/{company_id}",
        "crm.company.update",
        "Change a company",
        example={**_COMPANY, "properties": {"industry": "Logistics"}},
    ),
    Route(
        "DELETE",
        "/companies/{company_id}",
        "crm.company.delete",
        "Delete a company",
        example=_COMPANY,
    ),
    Route(
        "GET",
        "/companies/{company_id}/notes",
        "crm.company.note.list",
        "List a company's notes",
        example=_COMPANY,
    ),
    Route(
        "POST",
        "/companies/{company_id}/notes",
        "crm.company.note.create",
        "Add a note to a company",
        example={**_COMPANY, "content": "Moves to a new office in May."},
    ),
    Route(
        "PUT",
        "/companies/{company_id}/notes/{note_id}",
        "crm.company.note.update",
        "Edit a company's note",
        offers_approval=False,
        example={**_NOTE, "content": "Moves to a new office in June."},
    ),
    Route(
        "DELETE",
        "/companies/{company_id}/notes/{note_id}",
        "crm.company.note.delete",
        "Delete a company's note",
        example=_NOTE,
    ),
)
