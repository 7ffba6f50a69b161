from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0080_verified_replies")]

    operations = [
        migrations.RemoveIndex(model_name="event", name="event_by_contact"),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                fields=["workspace", "contact", "timestamp", "id"], name="event_by_contact"
            ),
        ),
    ]
