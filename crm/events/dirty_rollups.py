"""Database triggers mark a quarter hour as dirty when an event is added or deleted (data-6).

A trigger, not a service, so that ingest, imports, clean-up and manual SQL all keep the rollup
correct, in the same transaction.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from core.ddl import Guard

BUCKET_SECONDS = 900
_TABLE = "crm_event"
_FUNCTION = "crm_event_marks_bucket"


def guards(connection: BaseDatabaseWrapper) -> list[Guard]:
    """The triggers of this database, for core.ddl."""
    postgres = connection.vendor == "postgresql"
    return [
        _on_postgres(verb, rows) if postgres else _on_sqlite(verb, rows)
        for verb, rows in (("INSERT", "NEW"), ("DELETE", "OLD"))
    ]


def _on_postgres(verb: str, rows: str) -> Guard:
    name = f"{_FUNCTION}_on_{verb.lower()}"
    return Guard(
        name,
        _TABLE,
        (
            f"DROP TRIGGER IF EXISTS {name} ON {_TABLE}",
            # In order, so that two writers wait for each other and never lock crosswise. Only
            # constant names; no user input.
            f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ "  # noqa: S608
            "BEGIN "
            "INSERT INTO crm_dirtybucket (workspace_id, bucket, marks) "
            "SELECT workspace_id, bucket, 1 FROM (SELECT DISTINCT workspace_id, "
            f"to_timestamp(floor(extract(epoch FROM timestamp) / {BUCKET_SECONDS}) "
            f"* {BUCKET_SECONDS}) AS bucket FROM changed) AS touched "
            "ORDER BY workspace_id, bucket "
            "ON CONFLICT (workspace_id, bucket) "
            "DO UPDATE SET marks = crm_dirtybucket.marks + 1; "
            "RETURN NULL; END $$",
            f"CREATE TRIGGER {name} AFTER {verb} ON {_TABLE} "
            f"REFERENCING {rows} TABLE AS changed "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()",
        ),
    )


def _on_sqlite(verb: str, row: str) -> Guard:
    name = f"{_FUNCTION}_on_{verb.lower()}"
    # Without the fraction: SQLite rounds it, and the last millisecond would be the next bucket's.
    seconds = f"CAST(strftime('%s', substr({row}.timestamp, 1, 19)) AS INTEGER)"
    return Guard(
        name,
        _TABLE,
        (
            f"DROP TRIGGER IF EXISTS {name}",
            f"CREATE TRIGGER {name} AFTER {verb} ON {_TABLE} BEGIN "  # noqa: S608
            "INSERT INTO crm_dirtybucket (workspace_id, bucket, marks) "
            f"VALUES ({row}.workspace_id, datetime({seconds} / {BUCKET_SECONDS} "
            f"* {BUCKET_SECONDS}, 'unixepoch'), 1) "
            "ON CONFLICT (workspace_id, bucket) DO UPDATE SET marks = marks + 1; END",
        ),
    )
