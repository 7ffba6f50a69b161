from django.db import migrations


class Migration(migrations.Migration):
    """Models under the names the code uses now; the tables keep theirs."""

    dependencies = [("approvals", "0030_attention")]
    operations = [
        migrations.AlterModelTable("Reading", "approvals_reading"),
        migrations.RenameModel("Reading", "ExternalRead"),
    ]
