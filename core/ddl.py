"""Database guards, declared per table and re-applied after every migration.

Append-only tables refuse UPDATE and DELETE. A row that points at another workspace's row is
refused: by a composite foreign key on PostgreSQL, by triggers on SQLite (whose table rebuilds drop
them, hence the re-application). `declared()` is compared with the live catalogue by a test.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import ForeignKey, Model

from core.hooks import Hook

APPEND_ONLY = ["core_auditentry", "core_auditseal"]


@dataclass(frozen=True, slots=True)
class Guard:
    """One object in the database: its name and the SQL that makes it."""

    name: str
    table: str
    sql: tuple[str, ...]


# Additional objects of an app. The first statement of each drops what the others create.
GUARDS = Hook[Callable[[BaseDatabaseWrapper], list[Guard]]]()


def declared(connection: BaseDatabaseWrapper) -> list[Guard]:
    """Every guard this database should have, for its current tables."""
    tables = set(connection.introspection.table_names())
    postgres = connection.vendor == "postgresql"
    guards = [
        guard
        for table in APPEND_ONLY
        for guard in (_append_only_pg(table) if postgres else _append_only_sqlite(table))
    ]
    for source, column, target in _tenant_references():
        guards += (
            _same_workspace_pg(source, column, target)
            if postgres
            else _same_workspace_sqlite(source, column, target)
        )
    guards += [guard for owned in GUARDS for guard in owned(connection)]
    return [guard for guard in guards if guard.table in tables]


def apply(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Recreate every declared guard; connected to post_migrate."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for guard in declared(connection):
            for statement in guard.sql:
                cursor.execute(statement)


def lift_time_limit(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Lift the time limit for indexing a large table: no request waits for a migration."""
    _set(using, "SET statement_timeout = 0")


def restore_time_limit(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Restore the time limit from the settings."""
    _set(using, "RESET statement_timeout")


def _set(using: str, statement: str) -> None:
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute(statement)


def _tenant_references() -> list[tuple[type[Model], str, type[Model]]]:
    """Foreign keys between two tables that both belong to a workspace."""
    return [
        (model, field.column, field.related_model)
        for model in apps.get_models()
        if _is_tenant(model)
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey)
        and isinstance(field.related_model, type)
        and _is_tenant(field.related_model)
    ]


def _is_tenant(model: type[Model]) -> bool:
    return any(getattr(f, "column", None) == "workspace_id" for f in model._meta.get_fields())


def _append_only_sqlite(table: str) -> list[Guard]:
    return [
        Guard(
            name := f"{table}_refuses_{verb.lower()}",
            table,
            (
                f"DROP TRIGGER IF EXISTS {name}",
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
            ),
        )
        for verb in ("UPDATE", "DELETE")
    ]


def _append_only_pg(table: str) -> list[Guard]:
    name = f"{table}_append_only"
    return [
        Guard(
            name,
            table,
            (
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{table} is append-only' "
                "USING ERRCODE = 'integrity_constraint_violation'; END $$",
                f"DROP TRIGGER IF EXISTS {name} ON {table}",
                f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {name}()",
            ),
        )
    ]


def _same_workspace_sqlite(source: type[Model], column: str, target: type[Model]) -> list[Guard]:
    table, other = source._meta.db_table, target._meta.db_table
    pk = target._meta.pk.column
    guards = []
    for verb in ("INSERT", "UPDATE"):
        name = f"{table}_{column}_same_workspace_{verb.lower()}"
        guards.append(
            Guard(
                name,
                table,
                (
                    f"DROP TRIGGER IF EXISTS {name}",
                    # Only our own table and column names; no external input.
                    f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "  # noqa: S608
                    f"WHEN NEW.{column} IS NOT NULL AND EXISTS (SELECT 1 FROM {other} o "
                    f"WHERE o.{pk} = NEW.{column} AND o.workspace_id <> NEW.workspace_id) "
                    f"BEGIN SELECT RAISE(ABORT, '{table}.{column} is of another workspace'); END",
                ),
            )
        )
    return guards


def _same_workspace_pg(source: type[Model], column: str, target: type[Model]) -> list[Guard]:
    table, other = source._meta.db_table, target._meta.db_table
    pk = target._meta.pk.column
    unique, foreign = f"{other}_workspace_{pk}"[:60], f"{table}_{column}_same_workspace"[:60]
    return [
        Guard(
            foreign,
            table,
            (
                f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {foreign}",
                f"CREATE UNIQUE INDEX IF NOT EXISTS {unique} ON {other} (workspace_id, {pk})",
                f"ALTER TABLE {table} ADD CONSTRAINT {foreign} "
                f"FOREIGN KEY (workspace_id, {column}) REFERENCES {other} (workspace_id, {pk}) "
                "DEFERRABLE INITIALLY DEFERRED",
            ),
        )
    ]
