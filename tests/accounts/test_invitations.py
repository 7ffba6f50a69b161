"""Joining by link: for one person, once, for a week."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine

from accounts.models import Invitation, Membership, User
from accounts.services import invitations, members
from core import clock
from core.access import Role
from core.errors import Conflict, Forbidden, NotFound, ValidationFailed
from core.ids import new_id
from core.models import AuditEntry
from tests import factories
from tests.team import Team
from tests.threads import at_once

PASSWORD = "a quite long new password"


def token_for(team: Team, email: str = "new@acme.com", role: str = "member") -> str:
    link = invitations.invite(team.admin, email, Role(role))
    return link.rstrip("/").rpartition("/")[2]


def join(token: str, password: str = PASSWORD) -> User:
    return invitations.accept(token, name="Nia New", password=password)


def test_a_link_lets_one_person_join_with_the_role_given(team: Team) -> None:
    person = join(token_for(team, "New@Acme.com", "reviewer"))

    membership = Membership.objects.get(user=person)
    assert (membership.workspace, membership.role) == (team.place, "reviewer")
    assert person.email == "new@acme.com"
    assert person.check_password(PASSWORD)
    assert AuditEntry.objects.filter(verb="accounts.invitation.accept").count() == 1


def test_only_the_hash_of_a_link_is_stored(team: Team) -> None:
    token = token_for(team)

    assert len(token) >= 43
    assert token not in str(Invitation.objects.values().get())
    assert all(token not in str(row) for row in AuditEntry.objects.values())


def test_a_link_works_once(team: Team) -> None:
    token = token_for(team)
    join(token)

    with pytest.raises(NotFound):
        join(token, "some other long password")
    assert User.objects.get(email="new@acme.com").check_password(PASSWORD)


def test_a_link_ends_after_seven_days(team: Team) -> None:
    token = token_for(team)

    with time_machine.travel(clock.now() + timedelta(days=6, hours=23), tick=False):
        assert invitations.find_open(token).email == "new@acme.com"
    with time_machine.travel(clock.now() + timedelta(days=7, seconds=1), tick=False):
        for use in (invitations.find_open, join):
            with pytest.raises(NotFound):
                use(token)


def test_a_revoked_link_is_useless_and_cannot_be_revoked_twice(team: Team) -> None:
    token = token_for(team)
    invitation_id = str(invitations.open_invitations(team.admin).get().pk)

    invitations.revoke(team.admin, invitation_id)

    with pytest.raises(NotFound):
        join(token)
    with pytest.raises(NotFound):
        invitations.revoke(team.admin, invitation_id)
    assert not invitations.open_invitations(team.admin).exists()


def test_a_foreign_admin_neither_sees_nor_revokes_it(team: Team) -> None:
    token = token_for(team)
    invitation_id = str(invitations.open_invitations(team.admin).get().pk)

    assert not invitations.open_invitations(team.foreign_admin).exists()
    with pytest.raises(NotFound):
        invitations.revoke(team.foreign_admin, invitation_id)
    assert invitations.find_open(token)


@pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "a" * 5000])
def test_nonsense_opens_nothing(team: Team, token: str) -> None:
    with pytest.raises(NotFound):
        invitations.find_open(token)


@pytest.mark.parametrize("password", ["", "short", "password123", "1234567890", "nia@acme.com"])
def test_a_weak_password_is_refused_and_the_link_stays_open(team: Team, password: str) -> None:
    token = token_for(team, "nia@acme.com")

    with pytest.raises(ValidationFailed) as refusal:
        join(token, password)

    assert refusal.value.field == "password"
    assert not User.objects.filter(email="nia@acme.com").exists()
    assert join(token)


def test_an_account_joins_only_logged_in_and_with_its_own_address(team: Team) -> None:
    token = token_for(team, team.gil.user.email)

    with pytest.raises(Conflict, match="has an account"):
        join(token)
    with pytest.raises(Conflict, match="another address"):
        invitations.accept_as(token, team.mia.user)
    assert team.gil.user.check_password(factories.PASSWORD)
    assert invitations.accept_as(token, team.gil.user).workspace == team.place


def test_an_inviter_cannot_take_over_an_account_that_has_no_password_yet(team: Team) -> None:
    operator = User.objects.create_superuser("ops@acme.com")
    colleague = User.objects.create_user("cy@acme.com")
    Membership.objects.create(workspace=team.elsewhere, user=colleague, role="admin")

    for person in (operator, colleague):
        with pytest.raises(Conflict, match="has an account"):
            join(token_for(team, person.email))
        assert not User.objects.get(pk=person.pk).has_usable_password()


def test_a_person_without_a_password_of_this_workspace_sets_one(team: Team) -> None:
    User.objects.create_user("cy@acme.com")

    assert join(token_for(team, "cy@acme.com")).check_password(PASSWORD)
    assert Membership.objects.get(user__email="cy@acme.com").workspace == team.place


def test_a_member_is_not_invited_again_and_a_former_one_is(team: Team) -> None:
    with pytest.raises(Conflict, match="already a member"):
        invitations.invite(team.admin, team.mia.user.email, Role.ADMIN)
    members.deactivate(team.admin, str(team.mia.pk))

    token = token_for(team, team.mia.user.email, "viewer")
    again = invitations.accept_as(token, team.mia.user)

    assert (again.pk, again.role, again.is_active) == (team.mia.pk, "viewer", True)


def test_a_second_link_does_not_demote_who_joined_by_the_first(team: Team) -> None:
    first = token_for(team, role="admin")
    second = token_for(team, role="viewer")
    person = join(first)

    with pytest.raises(Conflict, match="already a member"):
        invitations.accept_as(second, person)

    assert Membership.objects.get(user=person).role == "admin"


def test_only_an_admin_invites_and_only_with_a_role_there_is(team: Team) -> None:
    with pytest.raises(Forbidden):
        invitations.invite(factories.person(team.mia), "new@acme.com", Role.VIEWER)
    with pytest.raises(Forbidden):
        invitations.revoke(factories.person(team.mia), new_id("inv"))
    with pytest.raises(ValidationFailed) as refusal:
        invitations.invite.submit(team.admin, {"email": "new@acme.com", "role": "owner"})
    assert refusal.value.valid_values == ["viewer", "member", "reviewer", "admin"]
    with pytest.raises(ValidationFailed):
        invitations.invite(team.admin, "a@acme.com,b@acme.com", Role.VIEWER)
    assert not Invitation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_joins(team: Team) -> None:
    token = token_for(team)

    answers, refusals = at_once([partial(join, token, f"{PASSWORD} {n}") for n in range(5)])

    assert len(answers) == 1
    assert len(refusals) == 4
    assert Membership.objects.filter(user__email="new@acme.com").count() == 1
    person = User.objects.get(email="new@acme.com")
    assert person.password == answers[0].password
