"""Reading a column or a key of a JSON column the same way on both databases.

Comparison ignores case for a to z only, as do SQLite's LOWER and PostgreSQL's in the collation "C".
A JSON value matches only if it has the type it is compared with: the text "5" is not a number.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, FloatField, Func, TextField
from django.db.models.expressions import Combinable
from django.db.models.sql.compiler import SQLCompiler

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FOLD = str.maketrans(_UPPER, _UPPER.lower())


def ascii_lower(text: str) -> str:
    """Text as AsciiLower gives it."""
    return text.translate(_FOLD)


class AsciiLower(Func):
    """A text column with A to Z as a to z."""

    function = "LOWER"
    output_field = TextField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> Any:
        """The collation C changes the case of a to z only."""
        template = '%(function)s((%(expressions)s)::text COLLATE "C")'
        return self.as_sql(compiler, connection, template=template, **extra)


class _JsonPart(Func):
    """A key of a JSON column; keys are a-z, 0-9 and _ only (crm.filters.fields)."""

    arity = 1
    on_sqlite = ""
    on_postgres = ""

    def __init__(self, column: str | Combinable, key: str) -> None:
        super().__init__(column)
        self.key = key

    def as_sql(  # type: ignore[override] # no template: the SQL is whole
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> Any:
        """The value in its own type, NULL if it has another."""
        source, params = compiler.compile(self.get_source_expressions()[0])
        postgres = connection.vendor == "postgresql"
        template = self.on_postgres if postgres else self.on_sqlite
        sql = template.replace("{source}", source).replace("{key}", self.key)
        return sql, [*params] * template.count("{source}")


class JsonText(_JsonPart):
    output_field = TextField()
    on_sqlite = (
        "(CASE WHEN JSON_TYPE({source}, '$.{key}') = 'text' "
        "THEN JSON_EXTRACT({source}, '$.{key}') END)"
    )
    on_postgres = (
        "(CASE WHEN jsonb_typeof({source} -> '{key}') = 'string' THEN {source} ->> '{key}' END)"
    )


class JsonNumber(_JsonPart):
    output_field = FloatField()
    on_sqlite = (
        "(CASE WHEN JSON_TYPE({source}, '$.{key}') IN ('integer', 'real') "
        "THEN JSON_EXTRACT({source}, '$.{key}') END)"
    )
    on_postgres = (
        "(CASE WHEN jsonb_typeof({source} -> '{key}') = 'number' "
        "THEN ({source} ->> '{key}')::double precision END)"
    )


class JsonFlag(_JsonPart):
    """The value if it is a boolean."""

    output_field = BooleanField()
    on_sqlite = "(CASE JSON_TYPE({source}, '$.{key}') WHEN 'true' THEN 1 WHEN 'false' THEN 0 END)"
    on_postgres = (
        "(CASE WHEN jsonb_typeof({source} -> '{key}') = 'boolean' "
        "THEN ({source} ->> '{key}')::boolean END)"
    )


class JsonAnything(_JsonPart):
    """The value of any type as text; NULL for null and for a missing key."""

    output_field = TextField()
    on_sqlite = "CAST(JSON_EXTRACT({source}, '$.{key}') AS TEXT)"
    on_postgres = "({source} ->> '{key}')"
