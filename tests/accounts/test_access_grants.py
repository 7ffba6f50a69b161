"""Doors: opened at the password, told to every admin, shown on one page."""

from datetime import timedelta

import pytest

from accounts.models import Membership, Notice
from accounts.services import access_grants, api_keys
from accounts.services.api_keys import KeyWish
from core import clock
from core.access import Role, Scope
from core.errors import Forbidden
from tests import factories
from tests.office import Office

WISH = KeyWish(
    name="Nightly import", scopes=frozenset({Scope.CONTACTS_READ}), lifetime=timedelta(days=1)
)


def test_a_key_is_a_door(office: Office) -> None:
    api_keys.create(office.admin.with_fresh_login(), WISH)

    (door,) = access_grants.open_doors(office.admin)
    assert (door.kind, door.name, door.opened_by) == ("API key", "Nightly import", "Alice")
    assert access_grants.open_doors(office.foreign_admin) == []

    api_keys.revoke(office.admin, door.pk)
    assert access_grants.open_doors(office.admin) == []


def test_an_expired_key_is_no_open_door(office: Office) -> None:
    api_keys.create(office.admin.with_fresh_login(), WISH)
    key = api_keys.list_keys(office.admin)[0]
    key.expires_at = clock.now()
    key.save()

    assert access_grants.open_doors(office.admin) == []


def test_every_admin_but_the_opener_is_told(office: Office) -> None:
    ada = factories.member(office.place, "Ada", Role.ADMIN)
    gone = factories.member(office.place, "Bea", Role.ADMIN)
    Membership.objects.filter(pk=gone.pk).update(is_active=False)

    api_keys.create(office.admin.with_fresh_login(), WISH)

    assert list(Notice.objects.values_list("user__name", flat=True)) == ["Ada"]
    assert len(access_grants.unseen(factories.person(ada))) == 1


def test_the_list_is_for_admins(office: Office) -> None:
    mia = factories.person(office.mia)

    for look in (access_grants.open_doors, access_grants.mark_seen, access_grants.require):
        with pytest.raises(Forbidden):
            look(mia)
    assert access_grants.unseen(mia) == []
    with pytest.raises(Forbidden, match="password"):
        access_grants.require(office.admin)
    access_grants.require(office.admin.with_fresh_login())
