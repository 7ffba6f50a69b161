import django.db.models.deletion
from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_api_keys"), ("crm", "0022_rollup_by_event")]

    operations = [
        migrations.CreateModel(
            name="ContactMark",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("contact_id", core.ids.PublicIdField(prefix="ct")),
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
                "indexes": [
                    models.Index(
                        fields=["workspace", "id", "contact_id"], name="contact_mark_in_order"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="segment",
            name="stale_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="segment",
            name="worked_out_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="segmentmember",
            index=models.Index(
                fields=["workspace", "segment", "contact"], name="segment_member_in_order"
            ),
        ),
    ]
