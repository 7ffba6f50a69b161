from typing import Any

from django.db import migrations, models
from django.db.models import Min, OuterRef, Subquery


def note_who_joined_by_link(apps: Any, schema_editor: Any) -> None:
    """Whoever joined by an invitation has opened a link that was made for the address."""
    used = apps.get_model("accounts", "Invitation").objects.filter(
        email=OuterRef("email"), used_at__isnull=False
    )
    first = used.order_by().values("email").annotate(first=Min("used_at")).values("first")
    users = apps.get_model("accounts", "User").objects.annotate(joined=Subquery(first))
    users.filter(joined__isnull=False).update(email_verified_at=Subquery(first))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_api_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='email_verified_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(note_who_joined_by_link, migrations.RunPython.noop),
    ]
