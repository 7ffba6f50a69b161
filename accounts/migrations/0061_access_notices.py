"""Notices of external access are called that; before they were called doors."""

from typing import Any

from django.db import migrations


def rename(apps: Any, _editor: Any, old: str, new: str) -> None:
    notices = apps.get_model("accounts", "Notice")
    for notice in notices.objects.filter(kind=old).iterator():
        facts = {(new if name == old else name): value for name, value in notice.facts.items()}
        notices.objects.filter(pk=notice.pk).update(kind=new, facts=facts)


def forwards(apps: Any, editor: Any) -> None:
    rename(apps, editor, "door", "access")


def backwards(apps: Any, editor: Any) -> None:
    rename(apps, editor, "access", "door")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0052_doors_are_notices")]
    operations = [migrations.RunPython(forwards, backwards)]
