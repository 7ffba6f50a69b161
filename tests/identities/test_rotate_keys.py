"""`manage.py rotate_keys`: every secret under the newest key, all readable at any moment."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import override_settings

from identities import channels, secrets
from identities.management.commands import rotate_keys
from identities.models import Channel, Kind, Mailbox
from tests.core.rows import OUR_APPS
from tests.identities.conftest import mailbox_at
from tests.identities.providers import CANARY

OLD, NEW = "old" * 12, "new" * 12

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed() -> Iterator[list[Mailbox | Channel]]:
    """A mailbox and three channels, sealed with the old key; one channel without a secret."""
    with override_settings(FIELD_KEYS=[OLD]):
        rows: list[Mailbox | Channel] = [mailbox_at(25, password=CANARY)]
        place = rows[0].workspace
        for kind in (Kind.SLACK, Kind.RESEND, Kind.HUBSPOT):
            row = Channel(workspace=place, kind=kind, created_at=rows[0].created_at)
            row.secret = channels.sealed(row, CANARY)
            row.save()
            rows.append(row)
        Channel.objects.create(workspace=place, kind="mcp", name="open", created_at=row.created_at)
        yield rows


def rotate() -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue().strip()


def opened(rows: list[Mailbox | Channel]) -> list[list[str]]:
    for row in rows:
        row.refresh_from_db()
    return [list(row.opened().values()) for row in rows]


def test_every_secret_gets_the_newest_key_once(sealed: list[Mailbox | Channel]) -> None:
    with override_settings(FIELD_KEYS=[NEW, OLD]):
        first, second = rotate(), rotate()
    with override_settings(FIELD_KEYS=[NEW]):
        assert opened(sealed) == [[CANARY]] * 4

    assert (
        first == "4 re-encrypted, 0 already used the newest key, 0 changed meanwhile, 0 unreadable."
    )
    assert (
        second
        == "0 re-encrypted, 4 already used the newest key, 0 changed meanwhile, 0 unreadable."
    )
    assert CANARY not in first + second


def test_a_kill_in_the_middle_leaves_all_readable_and_the_next_run_finishes(
    sealed: list[Mailbox | Channel], monkeypatch: pytest.MonkeyPatch
) -> None:
    seal, calls = secrets.seal, []

    def killed(secret: str, *, bound_to: str) -> str:
        calls.append(bound_to)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return seal(secret, bound_to=bound_to)

    with override_settings(FIELD_KEYS=[NEW, OLD]):
        monkeypatch.setattr(secrets, "seal", killed)
        with pytest.raises(KeyboardInterrupt):
            rotate()
        monkeypatch.undo()
        assert opened(sealed) == [[CANARY]] * 4
        assert rotate().startswith("2 re-encrypted, 2 already used the newest key")


def test_a_secret_entered_meanwhile_is_not_overwritten(
    sealed: list[Mailbox | Channel], monkeypatch: pytest.MonkeyPatch
) -> None:
    slack = sealed[1]
    unseal = secrets.unseal

    def slowly(ciphertext: str, *, bound_to: str) -> str:
        found = unseal(ciphertext, bound_to=bound_to)
        if bound_to == slack.pk:
            fresh = secrets.seal("entered meanwhile", bound_to=bound_to)
            Channel.objects.filter(pk=bound_to).update(secret=fresh)
        return found

    with override_settings(FIELD_KEYS=[NEW, OLD]):
        monkeypatch.setattr(secrets, "unseal", slowly)
        assert "1 changed meanwhile" in rotate()
        monkeypatch.undo()
        slack.refresh_from_db()
        assert slack.opened() == {"token": "entered meanwhile"}


def test_a_secret_no_key_opens_is_counted_and_left(sealed: list[Mailbox | Channel]) -> None:
    before = list(Channel.objects.order_by("pk").values("secret"))
    with override_settings(FIELD_KEYS=[NEW]), pytest.raises(CommandError, match="with any key"):
        rotate()

    assert list(Channel.objects.order_by("pk").values("secret")) == before


def test_every_sealed_column_is_rotated() -> None:
    words = ("secret", "password", "token", "sealed")
    sealed_columns = {
        (model, field.name)
        for model in apps.get_models()
        if model._meta.app_label in OUR_APPS - {"oauth", "accounts"}
        for field in model._meta.concrete_fields
        if field.get_internal_type() == "TextField" and any(word in field.name for word in words)
    }

    assert sealed_columns == set(rotate_keys.SEALED)
