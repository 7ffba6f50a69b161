from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0010_note_version_author")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["workspace", "created_at"], name="event_by_created"),
        ),
    ]
