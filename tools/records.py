"""Tools about contacts and companies, and about the notes on both."""

from tools.base import Tool

_IDS = {"contact": "ct_01jd0000000000000000000000", "company": "co_01jd0000000000000000000000"}
_NOTE = {"note_id": "note_01jd0000000000000000000000"}

CONTACTS = (
    Tool(
        name="list_contacts",
        title="List contacts",
        description="""
            Find contacts by text, stage, place, company or segment, newest first, in pages of up to
            100. count_only answers only how many. Use get_contact for everything about one of them.
        """,
        operation="crm.contact.list",
        examples=(
            {"search": "acme", "limit": 5},
            {"lifecycle_stage": "lead", "count_only": True},
            {"country": "Germany", "sort_by": "lastname", "sort_dir": "asc", "fields": "summary"},
        ),
    ),
    Tool(
        name="get_contact",
        title="Get a contact",
        description="""
            One contact with its company, the last 20 events, the last 10 actions, changes that
            wait for approval, the segments it is in, and how many notes there are. Read it before
            drafting anything to or about the person.
        """,
        operation="crm.contact.get",
        examples=({"contact_id": _IDS["contact"]},),
    ),
    Tool(
        name="create_contact",
        title="Create a contact",
        description="""
            Add a person, identified by e-mail. A taken address is a conflict that names the
            existing contact; possible_duplicates lists others who may be the same person. Waits for
            approval by default.
        """,
        operation="crm.contact.create",
        examples=(
            {
                "email": "ana.ng@umbrella.example",
                "properties": {"firstname": "Ana", "lastname": "Ng", "jobtitle": "CTO"},
            },
        ),
    ),
    Tool(
        name="update_contact",
        title="Change a contact",
        description="""
            Merge properties into a contact; null clears one. By default the change waits for a
            person; the answer says what became of it. A change of e-mail or consent always waits.
        """,
        operation="crm.contact.update",
        examples=(
            {
                "contact_id": _IDS["contact"],
                "properties": {"lifecyclestage": "opportunity", "jobtitle": "CTO"},
            },
        ),
    ),
)
COMPANIES = (
    Tool(
        name="list_companies",
        title="List companies",
        description="""
            Find companies by text, industry, place or stage, newest first, in pages of up to 100.
            count_only answers only how many. Use get_company for the people of one.
        """,
        operation="crm.company.list",
        examples=(
            {"search": "acme", "limit": 5},
            {"industry": "Logistics", "sort_by": "employee_count", "fields": "summary"},
            {"country": "Germany", "count_only": True},
        ),
    ),
    Tool(
        name="get_company",
        title="Get a company",
        description="""
            One company with its 25 newest contacts and their total, how many notes there are, and
            changes that wait for approval. More contacts: list_contacts with company_id.
        """,
        operation="crm.company.get",
        examples=({"company_id": _IDS["company"]},),
    ),
    Tool(
        name="create_company",
        title="Create a company",
        description="""
            Add a company by its domain. A taken domain is a conflict that names the existing
            company; possible_duplicates lists others of that name. Waits for approval by default.
        """,
        operation="crm.company.create",
        examples=(
            {"domain": "umbrella.example", "properties": {"name": "Umbrella", "country": "Spain"}},
        ),
    ),
    Tool(
        name="update_company",
        title="Change a company",
        description="""
            Merge properties into a company; null clears one. Waits for approval by default; a
            change of domain always does.
        """,
        operation="crm.company.update",
        examples=(
            {
                "company_id": _IDS["company"],
                "properties": {"industry": "Logistics", "employee_count": 140},
            },
        ),
    ),
)


def _note_tools(
    noun: str, *, listing: str, create: str, update: str, delete: str, says: tuple[str, str]
) -> tuple[Tool, ...]:
    """The four tools about the notes of one noun, by their descriptions; `says` are examples."""
    holder = {f"{noun}_id": _IDS[noun]}
    name = f"crm.{noun}.note"
    return (
        Tool(
            name=f"list_{noun}_notes",
            title=f"List a {noun}'s notes",
            description=listing,
            operation=f"{name}.list",
            examples=(holder,),
        ),
        Tool(
            name=f"create_{noun}_note",
            title=f"Add a note to a {noun}",
            description=create,
            operation=f"{name}.create",
            examples=({**holder, "content": says[0]},),
        ),
        Tool(
            name=f"update_{noun}_note",
            title=f"Edit a {noun}'s note",
            description=update,
            operation=f"{name}.update",
            offers_approval=False,
            examples=({**holder, **_NOTE, "content": says[1]},),
        ),
        Tool(
            name=f"delete_{noun}_note",
            title=f"Delete a {noun}'s note",
            description=delete,
            operation=f"{name}.delete",
            examples=({**holder, **_NOTE},),
        ),
    )


CONTACT_NOTES = _note_tools(
    "contact",
    listing="""
        The notes on a contact, newest first. Each says who wrote it: a person, an assistant,
        or someone outside.
    """,
    create="""
        Add a note to a contact, at once and without approval. For what the team should
        remember; only the team sees it.
    """,
    update="""
        Replace the text of a note: at once where this app wrote it, else after approval.
        Earlier texts are kept.
    """,
    delete="""
        Delete a note after a person approved it; then no tool shows it, and an admin can
        bring it back for 30 days.
    """,
    says=(
        "Asked about single sign-on; budget round ends in March.",
        "Asked about single sign-on; budget round ends in May.",
    ),
)
COMPANY_NOTES = _note_tools(
    "company",
    listing="""
        The notes on a company, newest first, each with who wrote it: a person, an assistant,
        or someone outside. Notes on its people: list_contact_notes.
    """,
    create="""
        Add a note to a company, at once and without approval; only the team sees it. For one
        person use create_contact_note.
    """,
    update="""
        Replace the text of a company's note: at once where this app wrote it, else after
        approval. Earlier texts are kept.
    """,
    delete="""
        Delete a company's note after a person approved it; an admin can bring it back for 30
        days.
    """,
    says=(
        "Buys through a reseller; contract renews in June.",
        "Buys through a reseller; contract renews in July.",
    ),
)
