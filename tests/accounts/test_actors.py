"""An actor has the current rights of its membership, never more than was granted."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import IntegrityError
from django.test import RequestFactory

from accounts import actors
from accounts.http import identify
from accounts.models import Membership, User
from accounts.services import members
from core import clock
from core.access import Role, Scope
from core.actor import Actor, ActorKind, Surface
from core.errors import Forbidden
from tests import factories
from tests.team import Team


def actor_of(user: User, **values: object) -> Actor:
    request = RequestFactory().get("/")
    request.user = user
    request.session = SessionStore()
    request.session.update(values)
    return identify(request).actor


def test_a_person_acts_in_the_chosen_workspace_or_in_the_oldest(team: Team) -> None:
    Membership.objects.create(workspace=team.elsewhere, user=team.mia.user, role="viewer")

    oldest = actor_of(team.mia.user)
    chosen = actor_of(team.mia.user, workspace_id=str(team.elsewhere.pk))

    assert (oldest.workspace_id, oldest.role) == (str(team.place.pk), Role.MEMBER)
    assert (chosen.workspace_id, chosen.role) == (str(team.elsewhere.pk), Role.VIEWER)
    assert chosen.scopes is None
    assert chosen.kind is ActorKind.PERSON


def test_a_session_that_names_a_workspace_one_is_not_in_does_not_open_it(team: Team) -> None:
    actor = actor_of(team.mia.user, workspace_id=str(team.elsewhere.pk))

    assert actor.workspace_id == str(team.place.pk)


def test_an_ended_membership_and_a_deactivated_user_do_not_act(team: Team) -> None:
    mia, place = str(team.mia.user_id), str(team.place.pk)
    assert actors.membership_of(mia, place)
    members.deactivate(team.admin, str(team.mia.pk))
    User.objects.filter(pk=team.alice.user_id).update(is_active=False)

    for membership in (team.mia, team.alice):
        user_id = str(membership.user_id)
        assert actors.active_memberships(user_id) == []
        assert actors.membership_of(user_id, place) is None
        assert actors.for_stored(user_id, place, role_ceiling=Role.ADMIN) is None
        with pytest.raises(Forbidden):
            str(actor_of(membership.user).role)


def test_nobody_is_a_member_of_nothing(team: Team) -> None:
    assert actors.membership_of(None, str(team.place.pk)) is None
    assert actors.membership_of("nonsense", "nonsense") is None


def test_a_grant_never_grows_with_its_owner(team: Team) -> None:
    members.change_role(team.admin, str(team.mia.pk), Role.ADMIN)
    promoted = Membership.objects.get(pk=team.mia.pk)

    app = actors.for_membership(
        promoted,
        kind=ActorKind.APP,
        surface=Surface.MCP,
        scopes=frozenset(Scope),
        role_ceiling=Role.MEMBER,
    )

    assert app.role is Role.MEMBER
    assert app.scopes is not None
    assert Scope.ACTIONS_APPROVE not in app.scopes
    assert Scope.CONTACTS_WRITE in app.scopes


def test_a_grant_shrinks_with_its_owner(team: Team) -> None:
    members.change_role(team.admin, str(team.mia.pk), Role.VIEWER)
    demoted = Membership.objects.get(pk=team.mia.pk)

    app = factories.app(demoted, frozenset(Scope))

    assert app.role is Role.VIEWER
    assert app.scopes == frozenset(scope for scope in Scope if scope.value.endswith(":read"))


def test_who_asked_earlier_has_the_rights_held_now(team: Team) -> None:
    user_id, place = str(team.alice.user_id), str(team.place.pk)

    actor = actors.for_stored(user_id, place, role_ceiling=Role.REVIEWER)

    assert actor is not None
    assert (actor.role, actor.surface) == (Role.REVIEWER, Surface.SYSTEM)


def test_a_login_is_fresh_for_ten_minutes(team: Team) -> None:
    moment = clock.now()
    for age, fresh in ((0, True), (599, True), (601, False)):
        at = (moment - timedelta(seconds=age)).timestamp()
        actor = actor_of(team.mia.user, authenticated_at=at)
        assert actor.fresh_login is fresh
    assert not actor_of(team.mia.user).fresh_login


def test_the_database_keeps_roles_and_addresses_in_form(team: Team) -> None:
    with pytest.raises(IntegrityError, match="membership_role_is_known"):
        Membership.objects.filter(pk=team.mia.pk).update(role="owner")


def test_the_database_refuses_an_address_in_capitals(team: Team) -> None:
    with pytest.raises(IntegrityError, match="user_email_is_lower_case"):
        User.objects.filter(pk=team.mia.user_id).update(email="MIA@acme.example")


def test_a_person_is_found_whatever_the_case(team: Team) -> None:
    assert User.objects.get_by_natural_key(" MIA@acme.example ") == team.mia.user
