from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0001_initial'),
    ]

    operations = [
        # The rows themselves are counted from now on, the old ones too.
        migrations.RunSQL('DELETE FROM core_pulse', migrations.RunSQL.noop),
        migrations.AddField(
            model_name='pulse',
            name='counted_until',
            field=models.DateTimeField(null=True),
        ),
    ]
