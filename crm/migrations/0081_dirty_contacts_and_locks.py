from django.db import migrations


class Migration(migrations.Migration):
    """Models under the names the code uses now; the tables keep theirs."""

    dependencies = [("crm", "0052_segment_turn")]
    operations = [
        migrations.AlterModelTable("ContactMark", "crm_contactmark"),
        migrations.RenameModel("ContactMark", "DirtyContact"),
        migrations.AlterModelTable("SegmentTurn", "crm_segmentturn"),
        migrations.RenameModel("SegmentTurn", "SegmentLock"),
    ]
