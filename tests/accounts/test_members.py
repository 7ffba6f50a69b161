"""Members: an admin decides who is one, and one admin always stays."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from accounts.models import Membership
from accounts.services import members
from core.access import Role
from core.errors import Conflict, Forbidden, NotFound, ValidationFailed
from core.models import AuditEntry
from tests import factories
from tests.accounts.conftest import House
from tests.threads import at_once

CHANGES: dict[str, Callable[..., Membership]] = {
    "change_role": lambda actor, pk: members.change_role(actor, pk, "viewer"),
    "deactivate": members.deactivate,
    "reactivate": members.reactivate,
}


def now(membership: Membership) -> Membership:
    return Membership.objects.get(pk=membership.pk)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_only_an_admin_of_the_same_workspace_changes_members(
    house: House, change: Callable[..., Membership]
) -> None:
    with pytest.raises(Forbidden):
        change(factories.person(house.mia), str(house.mia.pk))
    with pytest.raises(NotFound):
        change(house.foreign_admin, str(house.mia.pk))
    with pytest.raises(NotFound):
        change(house.admin, "nonsense")
    assert (now(house.mia).role, now(house.mia).is_active) == ("member", True)

    change(house.admin, str(house.mia.pk))

    entry = AuditEntry.objects.get(verb__startswith="accounts.member.")
    assert entry.object_ids == {"membership_id": str(house.mia.pk)}


def test_a_membership_ends_and_begins_again(house: House) -> None:
    members.deactivate(house.admin, str(house.mia.pk))
    assert not now(house.mia).is_active

    members.reactivate(house.admin, str(house.mia.pk))
    assert now(house.mia).is_active


def test_a_role_is_one_there_is(house: House) -> None:
    with pytest.raises(ValidationFailed):
        members.change_role(house.admin, str(house.mia.pk), "owner")


def test_the_last_admin_stays_admin(house: House) -> None:
    for change in (CHANGES["change_role"], CHANGES["deactivate"]):
        with pytest.raises(Conflict, match="only admin"):
            change(house.admin, str(house.alice.pk))
    assert (now(house.alice).role, now(house.alice).is_active) == ("admin", True)

    members.change_role(house.admin, str(house.mia.pk), "admin")
    members.change_role(house.admin, str(house.alice.pk), "viewer")

    assert now(house.alice).role == "viewer"


def test_a_former_admin_does_not_count(house: House) -> None:
    ann = factories.member(house.place, "Ann", Role.ADMIN)
    members.deactivate(house.admin, str(ann.pk))

    with pytest.raises(Conflict, match="only admin"):
        members.deactivate(house.admin, str(house.alice.pk))


def test_the_members_of_a_workspace_are_its_own_active_first(house: House) -> None:
    members.deactivate(house.admin, str(house.mia.pk))
    ben = factories.member(house.place, "Ben", Role.VIEWER)

    assert list(members.members(house.admin)) == [house.alice, ben, house.mia]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["change_role", "deactivate"])
def test_two_admins_removing_each_other_at_once_leave_one(house: House, name: str) -> None:
    ann = factories.member(house.place, "Ann", Role.ADMIN)
    calls: list[Callable[[], Any]] = [
        partial(CHANGES[name], factories.person(ann), str(house.alice.pk)),
        partial(CHANGES[name], factories.person(house.alice), str(ann.pk)),
    ]

    answers, refusals = at_once(calls)

    assert (len(answers), [type(refusal) for refusal in refusals]) == (1, [Conflict])
    assert (
        Membership.objects.filter(workspace=house.place, role=Role.ADMIN, is_active=True).count()
        == 1
    )
