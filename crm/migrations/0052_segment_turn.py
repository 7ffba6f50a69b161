import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_api_keys"),
        ("crm", "0051_event_by_contact_to_the_id"),
    ]

    operations = [
        migrations.CreateModel(
            name="SegmentTurn",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("holder", models.CharField(max_length=32)),
                ("until", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace",), name="one_segment_turn_per_workspace"
                    )
                ],
            },
        ),
    ]
