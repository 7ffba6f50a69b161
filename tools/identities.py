from tools.base import Tool

_STATUS = "get_linkedin_login_status"

TOOLS = (
    Tool(
        name="list_identities",
        title="List senders",
        description="""
            The senders of this workspace and whether their channels are ready. A message needs
            the identity_id of one; credentials are never shown.
        """,
        operation="identities.identity.list",
        examples=({}, {"channel": "email"}),
    ),
    Tool(
        name="get_identity",
        title="Get a sender",
        description="""
            One sender: its channels and their state, signature, daily limits, what it sent today,
            quiet hours. Limits and quiet hours make a message wait, they never drop it.
        """,
        operation="identities.identity.get",
        examples=({"identity_id": "id_01jd0000000000000000000000"},),
    ),
    Tool(
        name="start_linkedin_login",
        title="Start a LinkedIn login",
        description="""
            Begin connecting a sender's LinkedIn account; answers at once. Give the person
            login_url: they type the password there, never to you. Then poll with
            get_linkedin_login_status. A sender that is connected already is connected again.
        """,
        operation="identities.linkedin.start",
        examples=({"identity_id": "id_01jd0000000000000000000000", "country": "DE"},),
        poll_with=_STATUS,
    ),
    Tool(
        name=_STATUS,
        title="Get a LinkedIn login's status",
        description="""
            The status of a login: queued, awaiting_credentials, running, code_required, connected,
            failed, expired or cancelled, with a message for the person. Poll again after
            next_poll_seconds; if it is absent, the login has ended.
        """,
        operation="identities.linkedin.status",
        examples=({"job_id": "job_01jd0000000000000000000000"},),
        poll_with=_STATUS,
    ),
    Tool(
        name="submit_linkedin_code",
        title="Submit a LinkedIn code",
        description="""
            Hand in the code LinkedIn sent the person, while the status is code_required. It is
            tried within seconds; poll the status for the outcome. The person may also type it on
            the login page.
        """,
        operation="identities.linkedin.submit_code",
        examples=({"job_id": "job_01jd0000000000000000000000", "code": "246810"},),
        poll_with=_STATUS,
    ),
    Tool(
        name="check_linkedin_connection",
        title="Check a LinkedIn connection",
        description="""
            Ask LinkedIn's provider now whether a sender's account works. Disconnected: start a
            login. Use get_identity for the last known state.
        """,
        operation="identities.linkedin.check",
        examples=({"identity_id": "id_01jd0000000000000000000000"},),
    ),
)
