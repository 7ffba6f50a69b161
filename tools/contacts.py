"""Tools about contacts."""

from tools.base import Tool

TOOLS = (
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
        examples=({"contact_id": "ct_01jd0000000000000000000000"},),
    ),
    Tool(
        name="create_contact",
        title="Create a contact",
        description="""
            Add a person, found by e-mail. A taken address is a conflict that names the existing
            contact; possible_duplicates lists others who may be the same person. Waits for
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
                "contact_id": "ct_01jd0000000000000000000000",
                "properties": {"lifecyclestage": "opportunity", "jobtitle": "CTO"},
            },
        ),
    ),
    Tool(
        name="list_contact_notes",
        title="List a contact's notes",
        description="""
            The notes on a contact, newest first. Each says who wrote it: a person, an assistant,
            or somebody outside.
        """,
        operation="crm.contact.note.list",
        examples=({"contact_id": "ct_01jd0000000000000000000000"},),
    ),
    Tool(
        name="create_contact_note",
        title="Add a note to a contact",
        description="""
            Add a note to a contact, at once and without approval. For what the team should
            remember; nobody outside sees it.
        """,
        operation="crm.contact.note.create",
        examples=(
            {
                "contact_id": "ct_01jd0000000000000000000000",
                "content": "Asked about single sign-on; budget round ends in March.",
            },
        ),
    ),
    Tool(
        name="update_contact_note",
        title="Edit a contact's note",
        description="""
            Replace the text of a note: at once where this app wrote it, else after approval.
            Earlier texts are kept.
        """,
        operation="crm.contact.note.update",
        offers_approval=False,
        examples=(
            {
                "contact_id": "ct_01jd0000000000000000000000",
                "note_id": "note_01jd0000000000000000000000",
                "content": "Asked about single sign-on; budget round ends in May.",
            },
        ),
    ),
    Tool(
        name="delete_contact_note",
        title="Delete a contact's note",
        description="""
            Delete a note after a person approved it; then no tool shows it, and an admin can
            bring it back for 30 days.
        """,
        operation="crm.contact.note.delete",
        examples=(
            {
                "contact_id": "ct_01jd0000000000000000000000",
                "note_id": "note_01jd0000000000000000000000",
            },
        ),
    ),
)
