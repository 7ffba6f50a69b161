from django.db import migrations


class Migration(migrations.Migration):
    """Models under the names the code uses now; the tables keep theirs."""

    dependencies = [("agents", "0001_initial")]
    operations = [
        migrations.AlterModelTable("Permit", "agents_permit"),
        migrations.RenameModel("Permit", "AllowedProvider"),
    ]
