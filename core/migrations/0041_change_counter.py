from django.db import migrations


class Migration(migrations.Migration):
    """Models under the names the code uses now; the tables keep theirs."""

    dependencies = [("core", "0040_audit_chain")]
    operations = [
        migrations.AlterModelTable("Pulse", "core_pulse"),
        migrations.RenameModel("Pulse", "ChangeCounter"),
        migrations.RenameField("ChangeCounter", "beat", "changes"),
    ]
