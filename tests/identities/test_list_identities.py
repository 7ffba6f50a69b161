"""Senders: those of the workspace that may send, never their secrets."""

import pytest

from core import clock, operations
from core.access import Role
from identities.models import Identity, Mailbox
from tests import factories

pytestmark = pytest.mark.django_db


def test_active_senders_of_the_workspace_are_listed_without_secrets() -> None:
    place, elsewhere = factories.workspace(), factories.workspace("Globex")
    vic = factories.person(factories.member(place, "Vic", Role.VIEWER))
    shown, retired = factories.sender(place), factories.sender(elsewhere)
    Mailbox.objects.filter(identity=shown).update(smtp_password="sealed-hush", smtp_host="h")
    bare = Identity.objects.create(workspace=place, first_name="Bo", created_at=clock.now())
    off = Identity.objects.create(
        workspace=place, first_name="Off", is_active=False, created_at=clock.now()
    )
    op = operations.get("identities.identity.list")

    everyone = operations.submit(vic, op, {})
    senders = operations.submit(vic, op, {"channel": "email"})

    assert [row["identity_id"] for row in everyone["identities"]] == [str(shown.pk), str(bare.pk)]
    assert [row["identity_id"] for row in senders["identities"]] == [str(shown.pk)]
    assert everyone["total"] == 2
    assert everyone["identities"][0]["channels"][0]["address"] == "mia.moss@acme.example"
    for hidden in ("hush", str(off.pk), str(retired.pk)):
        assert hidden not in str(everyone)
