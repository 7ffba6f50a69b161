"""`manage.py rotate_keys`: reseal every stored secret with the first of FIELD_KEYS.

Put the new key in front of FIELD_KEYS, restart, run this, then remove the old key. Each secret is
one compare-and-set: all stay readable if the command is killed, and running it again finishes.
"""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Model

from core.errors import Unavailable
from identities import secrets
from identities.models import Channel, Mailbox

# Every sealed column; a test compares it with the models.
SEALED: tuple[tuple[type[Model], str], ...] = (
    (Mailbox, "smtp_password"),
    (Mailbox, "access_token"),
    (Channel, "secret"),
    (Channel, "webhook_secret"),
)
BATCH = 500


class Command(BaseCommand):
    """Rotates the keys of stored secrets; shows counts only."""

    help = "Re-encrypt every stored secret with the newest of FIELD_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Exits with an error if no key opens a secret."""
        counts: Counter[str] = Counter()
        for model, column in SEALED:
            rows = model._default_manager.exclude(**{column: ""}).order_by("pk")  # noqa: SLF001
            for pk, sealed in rows.values_list("pk", column).iterator(chunk_size=BATCH):
                counts[_reseal(model, column, str(pk), sealed)] += 1
        self.stdout.write(
            f"{counts['sealed']} re-encrypted, {counts['newest']} already used the newest key, "
            f"{counts['changed']} changed meanwhile, {counts['unreadable']} unreadable."
        )
        if counts["unreadable"]:
            raise CommandError(
                "Some secrets cannot be decrypted with any key: keep the old keys in FIELD_KEYS."
            )


def _reseal(model: type[Model], column: str, pk: str, sealed: str) -> str:
    """The outcome for one secret: sealed, newest, changed or unreadable."""
    if secrets.has_newest_key(sealed):
        return "newest"
    try:
        fresh = secrets.seal(secrets.unseal(sealed, bound_to=pk), bound_to=pk)
    except Unavailable:
        return "unreadable"
    # Compared with what was read: a secret entered meanwhile is never overwritten.
    same = model._default_manager.filter(pk=pk, **{column: sealed})  # noqa: SLF001
    return "sealed" if same.update(**{column: fresh}) else "changed"
