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
from tests.team import Team
from tests.threads import at_once

CHANGES: dict[str, Callable[..., object]] = {
    "change_role": lambda actor, pk: members.change_role(actor, pk, Role.VIEWER),
    "deactivate": members.deactivate,
    "reactivate": members.reactivate,
}


def now(membership: Membership) -> Membership:
    return Membership.objects.get(pk=membership.pk)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_only_an_admin_of_the_same_workspace_changes_members(
    team: Team, change: Callable[..., object]
) -> None:
    with pytest.raises(Forbidden):
        change(factories.person(team.mia), str(team.mia.pk))
    with pytest.raises(NotFound):
        change(team.foreign_admin, str(team.mia.pk))
    with pytest.raises(NotFound):
        change(team.admin, "nonsense")
    assert (now(team.mia).role, now(team.mia).is_active) == ("member", True)

    change(team.admin, str(team.mia.pk))

    entry = AuditEntry.objects.get(verb__startswith="accounts.member.")
    assert entry.object_ids == {"membership_id": str(team.mia.pk)}


def test_a_membership_ends_and_begins_again(team: Team) -> None:
    members.deactivate(team.admin, str(team.mia.pk))
    assert not now(team.mia).is_active

    members.reactivate(team.admin, str(team.mia.pk))
    assert now(team.mia).is_active


def test_a_role_is_one_there_is(team: Team) -> None:
    with pytest.raises(ValidationFailed):
        members.change_role.submit(team.admin, {"membership_id": str(team.mia.pk), "role": "owner"})


def test_the_last_admin_stays_admin(team: Team) -> None:
    for change in (CHANGES["change_role"], CHANGES["deactivate"]):
        with pytest.raises(Conflict, match="only admin"):
            change(team.admin, str(team.alice.pk))
    assert (now(team.alice).role, now(team.alice).is_active) == ("admin", True)

    members.change_role(team.admin, str(team.mia.pk), Role.ADMIN)
    members.change_role(team.admin, str(team.alice.pk), Role.VIEWER)

    assert now(team.alice).role == "viewer"


def test_a_former_admin_does_not_count(team: Team) -> None:
    ann = factories.member(team.place, "Ann", Role.ADMIN)
    members.deactivate(team.admin, str(ann.pk))

    with pytest.raises(Conflict, match="only admin"):
        members.deactivate(team.admin, str(team.alice.pk))


def test_the_members_of_a_workspace_are_its_own_active_first(team: Team) -> None:
    members.deactivate(team.admin, str(team.mia.pk))

    shown = list(members.members(team.admin))

    assert shown == [team.alice, team.rex, team.vic, team.mia]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["change_role", "deactivate"])
def test_two_admins_removing_each_other_at_once_leave_one(team: Team, name: str) -> None:
    ann = factories.member(team.place, "Ann", Role.ADMIN)
    calls: list[Callable[[], Any]] = [
        partial(CHANGES[name], factories.person(ann), str(team.alice.pk)),
        partial(CHANGES[name], factories.person(team.alice), str(ann.pk)),
    ]

    answers, refusals = at_once(calls)

    assert (len(answers), [type(refusal) for refusal in refusals]) == (1, [Conflict])
    assert (
        Membership.objects.filter(workspace=team.place, role=Role.ADMIN, is_active=True).count()
        == 1
    )
