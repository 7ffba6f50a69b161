from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0021_mark_old_buckets")]

    operations = [
        migrations.AddIndex(
            model_name="rollup",
            index=models.Index(
                fields=["workspace", "is_bot", "event", "bucket", "count"], name="rollup_by_event"
            ),
        ),
    ]
