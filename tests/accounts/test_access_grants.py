"""External access: enabled with the password, reported to all admins, listed on one page."""

from datetime import timedelta

import pytest

from accounts.models import Membership, Notice
from accounts.services import access_grants, api_keys
from accounts.services.api_keys import NewKey
from core import clock
from core.access import Role, Scope
from core.errors import Forbidden
from tests import factories
from tests.team import Team

WISH = NewKey(
    name="Nightly import", scopes=frozenset({Scope.CONTACTS_READ}), lifetime=timedelta(days=1)
)


def test_a_key_is_an_access_grant(team: Team) -> None:
    api_keys.create(team.admin.with_fresh_login(), WISH)

    (grant,) = access_grants.open_grants(team.admin)
    assert (grant.kind, grant.name, grant.opened_by) == ("API key", "Nightly import", "Alice")
    assert access_grants.open_grants(team.foreign_admin) == []

    api_keys.revoke(team.admin, grant.pk)
    assert access_grants.open_grants(team.admin) == []


def test_an_expired_key_is_no_access_grant(team: Team) -> None:
    api_keys.create(team.admin.with_fresh_login(), WISH)
    key = api_keys.list_keys(team.admin)[0]
    key.expires_at = clock.now()
    key.save()

    assert access_grants.open_grants(team.admin) == []


def test_every_admin_but_the_opener_is_told(team: Team) -> None:
    ada = factories.member(team.place, "Ada", Role.ADMIN)
    gone = factories.member(team.place, "Bea", Role.ADMIN)
    Membership.objects.filter(pk=gone.pk).update(is_active=False)

    api_keys.create(team.admin.with_fresh_login(), WISH)

    assert list(Notice.objects.values_list("user__name", flat=True)) == ["Ada"]
    assert len(access_grants.unseen(factories.person(ada))) == 1


def test_the_list_is_for_admins(team: Team) -> None:
    mia = factories.person(team.mia)

    for look in (access_grants.open_grants, access_grants.mark_seen, access_grants.require):
        with pytest.raises(Forbidden):
            look(mia)
    assert access_grants.unseen(mia) == []
    with pytest.raises(Forbidden, match="password"):
        access_grants.require(team.admin)
    access_grants.require(team.admin.with_fresh_login())
