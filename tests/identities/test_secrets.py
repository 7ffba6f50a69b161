"""Secrets at rest open only with the key, and only for their row."""

import pytest
from django.test import override_settings

from core.errors import Unavailable
from core.ids import new_id
from identities import outgoing_mail, secrets
from identities.models import Mailbox
from tests.identities.conftest import mailbox_at

MINE, OTHERS = new_id("mbx"), new_id("mbx")


@pytest.mark.parametrize("secret", ["hush", "", "zwölf\nlines\n", "x" * 4000])
def test_a_secret_opens_for_its_row(secret: str) -> None:
    sealed = secrets.seal(secret, bound_to=MINE)

    assert secrets.unseal(sealed, bound_to=MINE) == secret
    assert "hush" not in sealed


def test_the_same_secret_is_never_sealed_the_same() -> None:
    assert secrets.seal("hush", bound_to=MINE) != secrets.seal("hush", bound_to=MINE)


def test_a_secret_does_not_open_for_another_row() -> None:
    sealed = secrets.seal("hush", bound_to=MINE)

    with pytest.raises(Unavailable, match="another row"):
        secrets.unseal(sealed, bound_to=OTHERS)


@pytest.mark.django_db
def test_two_rows_that_swapped_their_secrets_send_nothing() -> None:
    mine = mailbox_at(25, smtp_username="mia", password="mine")
    theirs = secrets.seal("theirs", bound_to=OTHERS)
    assert outgoing_mail.server_of(mine).login.secret == "mine"

    Mailbox.objects.filter(pk=mine.pk).update(smtp_password=theirs)

    with pytest.raises(Unavailable, match="another row") as refusal:
        outgoing_mail.server_of(Mailbox.objects.get(pk=mine.pk))
    assert "theirs" not in str(refusal.value.as_dict())


def test_another_key_opens_nothing() -> None:
    with override_settings(FIELD_KEYS=["a" * 40]):
        sealed = secrets.seal("hush", bound_to=MINE)

    with override_settings(FIELD_KEYS=["b" * 40]), pytest.raises(Unavailable, match="keys"):
        secrets.unseal(sealed, bound_to=MINE)


@pytest.mark.parametrize("sealed", ["", "nonsense", "gAAAAA", "zwölf"])
def test_what_was_never_sealed_opens_nothing(sealed: str) -> None:
    with pytest.raises(Unavailable, match="keys"):
        secrets.unseal(sealed, bound_to=MINE)


def test_a_new_key_in_front_seals_while_the_old_one_still_opens() -> None:
    with override_settings(FIELD_KEYS=["old" * 10]):
        old = secrets.seal("hush", bound_to=MINE)
    with override_settings(FIELD_KEYS=["new" * 10, "old" * 10]):
        assert secrets.unseal(old, bound_to=MINE) == "hush"
        new = secrets.seal("hush", bound_to=MINE)
    with override_settings(FIELD_KEYS=["new" * 10]):
        assert secrets.unseal(new, bound_to=MINE) == "hush"
        with pytest.raises(Unavailable):
            secrets.unseal(old, bound_to=MINE)
