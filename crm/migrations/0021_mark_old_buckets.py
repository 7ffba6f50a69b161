from django.db import migrations

# Events stored before there was a rollup: every quarter of an hour that has one is counted again.
_BUCKETS = {
    "postgresql": "to_timestamp(floor(extract(epoch FROM timestamp) / 900) * 900)",
    "sqlite": "datetime(CAST(strftime('%s', substr(timestamp, 1, 19)) AS INTEGER) "
    "/ 900 * 900, 'unixepoch')",
}


def mark(apps, schema_editor):
    bucket = _BUCKETS[schema_editor.connection.vendor]
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO crm_dirtybucket (workspace_id, bucket, marks) "
            f"SELECT DISTINCT workspace_id, {bucket}, 1 FROM crm_event WHERE true "
            "ON CONFLICT (workspace_id, bucket) DO NOTHING"
        )


class Migration(migrations.Migration):
    dependencies = [("crm", "0020_event_by_created")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
