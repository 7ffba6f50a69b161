"""Keep with each earlier text of a note who wrote it and through which connection."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("crm", "0002_whole_crm"),
    ]

    operations = [
        migrations.AddField(
            model_name="noteversion",
            name="author",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="noteversion",
            name="connection_id",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
    ]
