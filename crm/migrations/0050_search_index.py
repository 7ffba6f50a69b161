"""Index what search looks at: by trigrams on PostgreSQL, by FTS5 on SQLite; spell it anew."""

import re
import unicodedata

from django.db import DatabaseError, migrations, transaction

TABLES = ("crm_contact", "crm_company")
BATCH = 1000
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe"})
BETWEEN = re.compile(r"[\W_]+")
UMLAUT = re.compile(r"(?<!q)([aou])e(?=\w)")


def index_on_postgres(schema_editor):
    """Trigrams where the extension may be had; without it search reads the workspace's rows.

    pg_trgm is trusted since PostgreSQL 13: CREATE on the database suffices.
    """
    try:
        with transaction.atomic(schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            for table in TABLES:
                schema_editor.execute(
                    f"CREATE INDEX IF NOT EXISTS {table}_search ON {table} "
                    "USING gin (search_text gin_trgm_ops)"
                )
    except DatabaseError:
        return


def index_on_sqlite(schema_editor):
    for table in TABLES:
        schema_editor.execute(
            f"CREATE TABLE {table}_words (number integer PRIMARY KEY, "
            "row_id char(32) NOT NULL UNIQUE, search_text text NOT NULL)"
        )
        schema_editor.execute(
            f"CREATE VIRTUAL TABLE {table}_fts USING fts5(search_text, "
            f"content='{table}_words', content_rowid='number', tokenize='trigram')"
        )


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        index_on_postgres(schema_editor)
    else:
        index_on_sqlite(schema_editor)


def take_away(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(f"DROP INDEX IF EXISTS {table}_search")
        return
    for table in TABLES:
        for verb in ("insert", "update", "delete"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_search_on_{verb}")
        schema_editor.execute(f"DROP TABLE {table}_fts")
        schema_editor.execute(f"DROP TABLE {table}_words")


def spell(text):
    """The stored line in the form it has from now on (crm.search.index_of, as of today)."""
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(c)
    )
    words = plain.translate(LETTERS).split()
    also = []
    for word in words:
        pieces = [piece for piece in BETWEEN.split(word) if piece]
        if len(pieces) > 1:
            also += pieces if "@" in word else [*pieces, "".join(pieces)]
        also += [UMLAUT.sub(r"\1", piece) for piece in pieces]
    more = [word for word in dict.fromkeys(also) if word not in words]
    return "".join(f" {word}" for word in (*words, *more))


def spell_all(apps, schema_editor):
    for name in ("Contact", "Company"):
        rows = apps.get_model("crm", name).objects.exclude(search_text="").order_by("pk")
        found = list(rows.only("search_text")[:BATCH])
        while found:
            for row in found:
                row.search_text = spell(row.search_text)
            rows.bulk_update(found, ["search_text"], batch_size=200)
            found = list(rows.filter(pk__gt=found[-1].pk).only("search_text")[:BATCH])


class Migration(migrations.Migration):
    dependencies = [("crm", "0030_mark_changed_contacts")]

    operations = [
        migrations.RunPython(spell_all, migrations.RunPython.noop),
        migrations.RunPython(make, take_away),
    ]
