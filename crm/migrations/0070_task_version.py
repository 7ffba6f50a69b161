from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0050_search_index")]

    operations = [
        migrations.AddField(
            model_name="task",
            name="version",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="task",
            name="deleted_at",
            field=models.DateTimeField(null=True),
        ),
    ]
