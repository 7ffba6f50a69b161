"""Database triggers mark contacts as dirty when something about them changes.

Triggers, not a service, so that ingest, imports, senders and manual SQL all keep segments correct.
Marks are only ever added: two writers never wait for each other, and one whose transaction ends
later is seen by the next run.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from core.ddl import Guard

_OF_CONTACT = "SELECT workspace_id, id FROM {changed} c"
_OF_EVENT = "SELECT workspace_id, contact_id FROM {changed} c WHERE contact_id IS NOT NULL"
_OF_MESSAGE = (
    "SELECT c.workspace_id, t.contact_id FROM {changed} c JOIN crm_thread t ON t.id = c.thread_id"
)
_OF_THREAD = "SELECT workspace_id, contact_id FROM {changed} c"
_OF_COMPANY = (
    "SELECT c.workspace_id, p.id FROM {changed} c "
    "JOIN crm_contact p ON p.workspace_id = c.workspace_id AND p.company_id = c.id"
)
_IDS = ("id", "workspace_id")
_BY_CONTACT = ("workspace_id", "contact_id")
_WATCHED = (
    ("crm_contact", "INSERT", "NEW", _IDS, _OF_CONTACT),
    ("crm_contact", "UPDATE", "NEW", _IDS, _OF_CONTACT),
    ("crm_event", "INSERT", "NEW", _BY_CONTACT, _OF_EVENT),
    ("crm_event", "UPDATE", "NEW", _BY_CONTACT, _OF_EVENT),
    ("crm_event", "UPDATE", "OLD", _BY_CONTACT, _OF_EVENT),
    ("crm_event", "DELETE", "OLD", _BY_CONTACT, _OF_EVENT),
    ("crm_message", "INSERT", "NEW", ("workspace_id", "thread_id"), _OF_MESSAGE),
    ("crm_message", "DELETE", "OLD", ("workspace_id", "thread_id"), _OF_MESSAGE),
    ("crm_thread", "UPDATE", "NEW", _BY_CONTACT, _OF_THREAD),
    ("crm_company", "UPDATE", "NEW", _IDS, _OF_COMPANY),
)


def guards(connection: BaseDatabaseWrapper) -> list[Guard]:
    """The triggers of this database, for core.ddl."""
    return [marking(connection, *watched) for watched in _WATCHED]


def marking(  # noqa: PLR0913 - the parts of one trigger
    connection: BaseDatabaseWrapper,
    table: str,
    verb: str,
    rows: str,
    columns: tuple[str, ...],
    contacts: str,
) -> Guard:
    """A trigger that marks the contacts `contacts` selects when rows of the table change.

    `contacts` selects workspace and contact from `{changed} c`, which has the named columns of the
    NEW or OLD rows.
    """
    name = f"{table}_{verb.lower()}_marks_contacts_{rows.lower()}"
    insert = "INSERT INTO crm_contactmark (workspace_id, contact_id) SELECT DISTINCT * FROM"
    if connection.vendor == "postgresql":
        return _on_postgres(name, table, verb, rows, f"{insert} ({contacts}) AS m")
    # One row at a time: the changed rows are that one.
    row = ", ".join(f"{rows}.{column} AS {column}" for column in columns)
    selected = contacts.replace("{changed}", f"(SELECT {row})")
    return Guard(
        name,
        table,
        (
            f"DROP TRIGGER IF EXISTS {name}",
            f"CREATE TRIGGER {name} AFTER {verb} ON {table} BEGIN {insert} ({selected}); END",
        ),
    )


def _on_postgres(name: str, table: str, verb: str, rows: str, statement: str) -> Guard:
    return Guard(
        name,
        table,
        (
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN {statement.replace('{changed}', 'changed')}; RETURN NULL; END $$",
            f"CREATE TRIGGER {name} AFTER {verb} ON {table} "
            f"REFERENCING {rows} TABLE AS changed "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
        ),
    )
