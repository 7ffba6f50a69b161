"""Tools about companies."""

from tools.base import Tool

TOOLS = (
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
        examples=({"company_id": "co_01jd0000000000000000000000"},),
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
                "company_id": "co_01jd0000000000000000000000",
                "properties": {"industry": "Logistics", "employee_count": 140},
            },
        ),
    ),
    Tool(
        name="list_company_notes",
        title="List a company's notes",
        description="""
            The notes on a company, newest first, each with who wrote it: a person, an assistant,
            or somebody outside. Notes on its people: list_contact_notes.
        """,
        operation="crm.company.note.list",
        examples=({"company_id": "co_01jd0000000000000000000000"},),
    ),
    Tool(
        name="create_company_note",
        title="Add a note to a company",
        description="""
            Add a note to a company, at once and without approval; only the team sees it. For one
            person use create_contact_note.
        """,
        operation="crm.company.note.create",
        examples=(
            {
                "company_id": "co_01jd0000000000000000000000",
                "content": "Buys through a reseller; contract renews in June.",
            },
        ),
    ),
    Tool(
        name="update_company_note",
        title="Edit a company's note",
        description="""
            Replace the text of a company's note: at once where this app wrote it, else after
            approval. Earlier texts are kept.
        """,
        operation="crm.company.note.update",
        offers_approval=False,
        examples=(
            {
                "company_id": "co_01jd0000000000000000000000",
                "note_id": "note_01jd0000000000000000000000",
                "content": "Buys through a reseller; contract renews in July.",
            },
        ),
    ),
    Tool(
        name="delete_company_note",
        title="Delete a company's note",
        description="""
            Delete a company's note after a person approved it; an admin can bring it back for 30
            days.
        """,
        operation="crm.company.note.delete",
        examples=(
            {
                "company_id": "co_01jd0000000000000000000000",
                "note_id": "note_01jd0000000000000000000000",
            },
        ),
    ),
)
