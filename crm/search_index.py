"""SQLite's full-text index of `search_text`, kept by triggers in the writer's own transaction.

FTS5 knows rows by number, and SQLite may renumber the rows of our tables (VACUUM): a companion
table of each has a stable number and a copy of the text, which is the index's content. PostgreSQL
has an index on the column instead; crm/migrations/0050 makes both.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from core.ddl import Guard

TABLES = ("crm_contact", "crm_company")
# The shortest text an index of trigrams can look up.
TRIGRAM = 3


def candidates(table: str) -> str:
    """SQL for the ids of the rows that match one FTS5 expression."""
    # Only names of our own tables; no user input.
    return (
        f"SELECT w.row_id FROM {table}_fts f JOIN {table}_words w ON w.number = f.rowid "  # noqa: S608
        f"WHERE {table}_fts MATCH %s"
    )


def guards(connection: BaseDatabaseWrapper) -> list[Guard]:
    """The triggers of this database, for core.ddl."""
    if connection.vendor != "sqlite":
        return []
    return [guard for table in TABLES for guard in _of(table)]


def _of(table: str) -> list[Guard]:
    words, index = f"{table}_words", f"{table}_fts"
    forget = (
        f"INSERT INTO {index} ({index}, rowid, search_text) "  # noqa: S608
        f"SELECT 'delete', number, search_text FROM {words} WHERE row_id = OLD.id"
    )
    learn = (
        f"INSERT INTO {index} (rowid, search_text) "  # noqa: S608
        f"SELECT number, search_text FROM {words} WHERE row_id = NEW.id"
    )
    add = f"INSERT INTO {words} (row_id, search_text) VALUES (NEW.id, NEW.search_text)"  # noqa: S608
    change = f"UPDATE {words} SET search_text = NEW.search_text WHERE row_id = NEW.id"  # noqa: S608
    drop = f"DELETE FROM {words} WHERE row_id = OLD.id"  # noqa: S608
    return [
        _trigger(table, "INSERT", "", (add, learn)),
        _trigger(table, "UPDATE", " OF search_text", (forget, change, learn)),
        _trigger(table, "DELETE", "", (forget, drop), *_caught_up(table)),
    ]


def _trigger(table: str, verb: str, of: str, steps: tuple[str, ...], *then: str) -> Guard:
    name = f"{table}_search_on_{verb.lower()}"
    return Guard(
        name,
        table,
        (
            f"DROP TRIGGER IF EXISTS {name}",
            f"CREATE TRIGGER {name} AFTER {verb}{of} ON {table} BEGIN {'; '.join(steps)}; END",
            *then,
        ),
    )


def _caught_up(table: str) -> tuple[str, ...]:
    """Rows changed while the triggers were missing; none if there never were any."""
    words, index = f"{table}_words", f"{table}_fts"
    stale = (
        f"FROM {words} AS w WHERE NOT EXISTS (SELECT 1 FROM {table} AS t "  # noqa: S608
        "WHERE t.id = w.row_id AND t.search_text = w.search_text)"
    )
    return (
        f"INSERT INTO {index} ({index}, rowid, search_text) "
        f"SELECT 'delete', w.number, w.search_text {stale}",
        f"DELETE {stale}",
        f"INSERT INTO {words} (row_id, search_text) SELECT t.id, t.search_text FROM {table} AS t "  # noqa: S608
        f"WHERE NOT EXISTS (SELECT 1 FROM {words} AS w WHERE w.row_id = t.id)",
        f"INSERT INTO {index} (rowid, search_text) SELECT number, search_text FROM {words} "  # noqa: S608
        f"WHERE number NOT IN (SELECT id FROM {index}_docsize)",
    )
