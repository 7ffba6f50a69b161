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
from tests.office import Office
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
    office: Office, change: Callable[..., Membership]
) -> None:
    with pytest.raises(Forbidden):
        change(factories.person(office.mia), str(office.mia.pk))
    with pytest.raises(NotFound):
        change(office.foreign_admin, str(office.mia.pk))
    with pytest.raises(NotFound):
        change(office.admin, "nonsense")
    assert (now(office.mia).role, now(office.mia).is_active) == ("member", True)

    change(office.admin, str(office.mia.pk))

    entry = AuditEntry.objects.get(verb__startswith="accounts.member.")
    assert entry.object_ids == {"membership_id": str(office.mia.pk)}


def test_a_membership_ends_and_begins_again(office: Office) -> None:
    members.deactivate(office.admin, str(office.mia.pk))
    assert not now(office.mia).is_active

    members.reactivate(office.admin, str(office.mia.pk))
    assert now(office.mia).is_active


def test_a_role_is_one_there_is(office: Office) -> None:
    with pytest.raises(ValidationFailed):
        members.change_role(office.admin, str(office.mia.pk), "owner")


def test_the_last_admin_stays_admin(office: Office) -> None:
    for change in (CHANGES["change_role"], CHANGES["deactivate"]):
        with pytest.raises(Conflict, match="only admin"):
            change(office.admin, str(office.alice.pk))
    assert (now(office.alice).role, now(office.alice).is_active) == ("admin", True)

    members.change_role(office.admin, str(office.mia.pk), "admin")
    members.change_role(office.admin, str(office.alice.pk), "viewer")

    assert now(office.alice).role == "viewer"


def test_a_former_admin_does_not_count(office: Office) -> None:
    ann = factories.member(office.place, "Ann", Role.ADMIN)
    members.deactivate(office.admin, str(ann.pk))

    with pytest.raises(Conflict, match="only admin"):
        members.deactivate(office.admin, str(office.alice.pk))


def test_the_members_of_a_workspace_are_its_own_active_first(office: Office) -> None:
    members.deactivate(office.admin, str(office.mia.pk))

    shown = list(members.members(office.admin))

    assert shown == [office.alice, office.rex, office.vic, office.mia]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["change_role", "deactivate"])
def test_two_admins_removing_each_other_at_once_leave_one(office: Office, name: str) -> None:
    ann = factories.member(office.place, "Ann", Role.ADMIN)
    calls: list[Callable[[], Any]] = [
        partial(CHANGES[name], factories.person(ann), str(office.alice.pk)),
        partial(CHANGES[name], factories.person(office.alice), str(ann.pk)),
    ]

    answers, refusals = at_once(calls)

    assert (len(answers), [type(refusal) for refusal in refusals]) == (1, [Conflict])
    assert (
        Membership.objects.filter(workspace=office.place, role=Role.ADMIN, is_active=True).count()
        == 1
    )
