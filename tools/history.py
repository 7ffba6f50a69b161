from tools.base import Tool

_CONTACT = {"contact_id": "ct_01jd0000000000000000000000"}

TOOLS = (
    Tool(
        name="get_contact_timeline",
        title="Get a contact's timeline",
        description="""
            What happened around a contact, newest first: events, messages, notes, actions and
            stage changes in one list; bots are left out. Continue with next_cursor. Texts are cut;
            a smaller limit shows more of each.
        """,
        operation="crm.contact.timeline",
        examples=(
            {**_CONTACT, "date_after": "2026-11-18"},
            {**_CONTACT, "types": ["message", "note"], "limit": 5},
        ),
    ),
    Tool(
        name="get_contact_conversations",
        title="Get a contact's conversations",
        description="""
            The e-mail and Intercom conversations with a contact, the latest first, each as far as
            its mailbox shares it. include_messages adds the latest messages of each with their
            text.
        """,
        operation="crm.contact.conversation.list",
        examples=(_CONTACT, {**_CONTACT, "include_messages": True, "limit": 3}),
    ),
    Tool(
        name="list_contact_email_threads",
        title="List a contact's e-mail threads",
        description="""
            The e-mail threads with a contact in one line each: ids, subject and when the last
            message came. For their text use get_contact_conversations.
        """,
        operation="crm.contact.email_thread.list",
        examples=(_CONTACT, {**_CONTACT, "limit": 5}),
    ),
)
