"""Questions about contacts, each beside the least SQL that gives the same rows."""

from bench.team import END, Team, Work


def questions(team: Team) -> list[tuple[str, Work, Work]]:
    """A question's name, our way and the bare one."""
    return [*_lists(team), *_searches(team), *_details(team)]


def _lists(team: Team) -> list[tuple[str, Work, Work]]:
    ask, sql = team.ask, team.sql
    return [
        ("list_contacts, first page and total", ask("crm.contact.list"), sql(_LIST, _COUNT)),
        (
            "list_contacts, 100 summary rows of a stage",
            ask("crm.contact.list", lifecycle_stage="lead", limit=100, fields="summary"),
            sql(_LEADS, _COUNT_LEADS),
        ),
        (
            "list_contacts, page 1000",
            ask("crm.contact.list", page=1000),
            sql(f"{_LIST} OFFSET 19980", _COUNT),
        ),
        (
            "list_contacts of the last day",
            ask("crm.contact.list", created_after=(END.replace(day=19)).isoformat()),
            sql(_NEW, _COUNT_NEW),
        ),
    ]


def _searches(team: Team) -> list[tuple[str, Work, Work]]:
    ask = team.ask
    return [
        (name, ask("crm.contact.list", search=text), team.sql(*_found(*words)))
        for name, text, words in (
            ("search: one person by part of the e-mail", "person4321@", ["person4321@"]),
            ("search: two words", "muller 123", ["muller", "123"]),
            ("search: a frequent word", "example", ["example"]),
            ("search: a typo in a name (nothing exact)", "tanakka", ["tanak"]),
        )
    ]


def _details(team: Team) -> list[tuple[str, Work, Work]]:
    contact = team.anybody[0]
    given = (team.uuid(contact),)
    return [
        (
            "get_contact",
            team.ask("crm.contact.get", contact_id=contact),
            team.sql(_CONTACT, _EVENTS, _EVENTS_COUNT, _NOTES, _ACTIONS, _PENDING, given=given),
        )
    ]


def _found(*words: str) -> tuple[str, str]:
    # Words of ours only; nothing here comes from outside.
    like = " ".join(f"AND c.search_text LIKE '%%{word}%%'" for word in words)
    return (
        f"SELECT c.*, k.* {_FROM} {like} ORDER BY c.created_at DESC, c.id DESC LIMIT 20",
        f"SELECT count(*) {_ONLY} {like}",
    )


_ONLY = "FROM crm_contact c WHERE c.workspace_id = %s AND c.deleted_at IS NULL"
_FROM = (
    "FROM crm_contact c LEFT JOIN crm_company k ON k.id = c.company_id "
    "WHERE c.workspace_id = %s AND c.deleted_at IS NULL"
)
_ORDER = "ORDER BY c.created_at DESC, c.id DESC LIMIT"
_LIST = f"SELECT c.*, k.* {_FROM} {_ORDER} 20"
_COUNT = f"SELECT count(*) {_ONLY}"
_LEADS = f"SELECT c.*, k.* {_FROM} AND c.lifecyclestage = 'lead' {_ORDER} 100"
_COUNT_LEADS = f"{_COUNT} AND c.lifecyclestage = 'lead'"
_NEW = f"SELECT c.*, k.* {_FROM} AND c.created_at >= '2026-11-19T00:00Z' {_ORDER} 20"
_COUNT_NEW = f"{_COUNT} AND c.created_at >= '2026-11-19T00:00Z'"
_CONTACT = f"SELECT c.*, k.* {_FROM} AND c.id = %s"
_OF = "WHERE workspace_id = %s AND contact_id = %s"
_EVENTS = f"SELECT * FROM crm_event {_OF} ORDER BY timestamp DESC LIMIT 20"  # noqa: S608
_EVENTS_COUNT = f"SELECT count(*) FROM crm_event {_OF}"  # noqa: S608
_NOTES = f"SELECT count(*) FROM crm_note {_OF} AND deleted_at IS NULL"  # noqa: S608
_ACTIONS = f"SELECT * FROM approvals_action {_OF} ORDER BY created_at DESC LIMIT 10"  # noqa: S608
_PENDING = (
    f"SELECT * FROM approvals_action {_OF} AND status = 'pending_approval' "  # noqa: S608
    "ORDER BY created_at DESC LIMIT 10"
)
