"""Verified addresses: who verifies one, with which link, and what requires one."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import ApiKey, Membership, User
from accounts.services import api_keys, invitations, verification
from accounts.services.api_keys import NewKey
from core import clock
from core.access import Role, Scope
from core.errors import Conflict, Forbidden, NotFound, ValidationFailed
from core.models import AuditEntry
from tests import factories
from tests.mail import Sink
from tests.team import Team

WISH = NewKey(name="Sync", scopes=frozenset({Scope.CONTACTS_READ}))


@pytest.fixture
def ben(team: Team) -> Membership:
    """An admin whose account an operator created: the address is not verified."""
    member = factories.member(team.place, "Ben", Role.ADMIN)
    User.objects.filter(pk=member.user_id).update(email_verified_at=None)
    member.user.refresh_from_db()
    return member


def browser(membership: Membership) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(membership.user)
    return client


def path_of(link: str) -> str:
    return "/verify/" + link.rstrip("/").rpartition("/")[2] + "/"


def link_for(team: Team, membership: Membership) -> str:
    return verification.link_by_admin(team.admin, str(membership.pk))[0]


def test_without_a_proved_address_there_is_no_key(team: Team, ben: Membership) -> None:
    actor = factories.person(ben).with_fresh_login()

    with pytest.raises(Forbidden, match="Verify your e-mail address"):
        api_keys.create(actor, WISH)
    assert not ApiKey.objects.exists()

    key = api_keys.issue(actor, ben, WISH)
    with pytest.raises(Forbidden, match="Verify your e-mail address"):
        api_keys.rotate(actor, str(ApiKey.objects.get().pk))
    assert api_keys.identify(key) is not None


def test_another_admin_s_link_proves_it_by_a_press_and_not_by_looking(
    team: Team, ben: Membership
) -> None:
    client, path = browser(ben), path_of(link_for(team, ben))

    assert ben.user.email in client.get(path).content.decode()
    assert not verification.is_verified(factories.person(ben))
    assert client.post(path).status_code == 302

    assert verification.is_verified(factories.person(ben))
    assert api_keys.create(factories.person(ben).with_fresh_login(), WISH)
    assert AuditEntry.objects.filter(verb="accounts.verification.done").count() == 1


def test_the_members_page_gives_the_link_and_the_keys_page_says_who_can(
    team: Team, ben: Membership
) -> None:
    mine = browser(ben).get("/settings/api-keys/").content.decode()
    assert "Verify your e-mail address" in mine
    assert "Create a key" not in mine

    page = browser(team.alice).post(f"/settings/members/{ben.pk}/verify/")

    assert page.status_code == 200
    assert "/verify/" in page.content.decode()
    assert page.headers["Cache-Control"].find("no-store") >= 0


@pytest.mark.parametrize("who", ["alice", "mia"])
def test_a_link_proves_nothing_for_anybody_else(team: Team, ben: Membership, who: str) -> None:
    membership = getattr(team, who)
    User.objects.filter(pk=membership.user_id).update(email_verified_at=None)

    answer = browser(membership).post(path_of(link_for(team, ben)))

    assert answer.status_code == 409
    assert not User.objects.exclude(email_verified_at=None).filter(pk=membership.user_id).exists()
    assert not verification.is_verified(factories.person(ben))


def test_a_link_is_of_one_address_and_of_seven_days(team: Team, ben: Membership) -> None:
    link = link_for(team, ben)
    token = path_of(link).split("/")[2]
    verification.check_link(token, ben.user)

    with (
        time_machine.travel(clock.now() + timedelta(days=7, seconds=1), tick=False),
        pytest.raises(ValidationFailed),
    ):
        verification.check_link(token, ben.user)
    ben.user.email = "ben@elsewhere.example"
    with pytest.raises(Conflict):
        verification.check_link(token, ben.user)


@pytest.mark.parametrize("token", ["x", "a:b:c", "\x00", "a" * 500])
def test_nonsense_proves_nothing(team: Team, ben: Membership, token: str) -> None:
    with pytest.raises(ValidationFailed):
        verification.verify(factories.person(ben), token)
    assert not verification.is_verified(factories.person(ben))


def test_only_another_admin_of_the_same_workspace_makes_a_link(team: Team, ben: Membership) -> None:
    with pytest.raises(Forbidden):
        verification.link_by_admin(factories.person(team.mia), str(ben.pk))
    with pytest.raises(NotFound):
        verification.link_by_admin(team.foreign_admin, str(ben.pk))
    with pytest.raises(Conflict, match="for yourself"):
        verification.link_by_admin(factories.person(ben), str(ben.pk))
    with pytest.raises(Conflict, match="already verified"):
        verification.link_by_admin(team.admin, str(team.mia.pk))
    assert link_for(team, ben)


def test_joining_by_invitation_proves_the_address(team: Team, ben: Membership) -> None:
    link = invitations.invite(team.admin, "zoe@acme.example", Role.ADMIN)
    zoe = invitations.accept(path_of(link).split("/")[2], name="Zoe", password=factories.PASSWORD)
    assert zoe.email_verified_at is not None

    elsewhere = invitations.invite(team.foreign_admin, ben.user.email, Role.MEMBER)
    invitations.accept_as(path_of(elsewhere).split("/")[2], ben.user)
    assert verification.is_verified(factories.person(ben))


def test_an_only_admin_gets_the_link_from_the_command(team: Team, ben: Membership) -> None:
    out = StringIO()

    call_command("verify_email", user="Ben@acme.example", stdout=out)

    browser(ben).post(path_of(out.getvalue().splitlines()[-1]))
    assert verification.is_verified(factories.person(ben))
    for wrong in ("nobody@acme.example", ben.user.email):
        with pytest.raises(CommandError):
            call_command("verify_email", user=wrong)


def test_who_joined_by_a_link_before_is_verified_by_the_migration(
    team: Team, ben: Membership
) -> None:
    from importlib import import_module

    from django.apps import apps

    link = invitations.invite(team.admin, "zoe@acme.example", Role.ADMIN)
    zoe = invitations.accept(path_of(link).split("/")[2], name="Zoe", password=factories.PASSWORD)
    User.objects.update(email_verified_at=None)

    migration: Any = import_module("accounts.migrations.0030_email_verified_at")
    migration.note_who_joined_by_link(apps, None)

    verified = User.objects.exclude(email_verified_at=None)
    assert list(verified.values_list("pk", flat=True)) == [zoe.pk]


def test_with_system_mail_the_link_goes_to_the_address_itself(
    team: Team, ben: Membership, sink: Sink
) -> None:
    page = browser(team.alice).post(f"/settings/members/{ben.pk}/verify/").content.decode()
    [got] = sink.received()

    assert got.rcpt_to == [ben.user.email]
    [link] = re.findall(r"http\S+/verify/\S+", got.part("plain"))
    assert link in page  # another admin may still hand it over
    assert "sent by e-mail" in page
    browser(ben).post(path_of(link))
    assert verification.is_verified(factories.person(ben))


def test_an_invitation_is_mailed_too_and_names_the_workspace_only(team: Team, sink: Sink) -> None:
    wanted = {"email": "zoe@acme.example", "role": "member"}
    page = browser(team.alice).post("/settings/members/invite/", wanted).content.decode()
    [got] = sink.received()

    assert got.rcpt_to == ["zoe@acme.example"]
    assert got.mime["Subject"] == "Your invitation to Acme"
    [link] = re.findall(r"http\S+/join/\S+", got.part("plain"))
    assert link in page
    assert team.alice.user.email not in got.part("plain")


def test_a_mail_server_that_is_away_leaves_the_link_to_copy(
    team: Team, ben: Membership, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "core.system_mail.PinnedBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    settings.OUTBOUND_OPERATOR_ORIGINS = ["smtp://127.0.0.1:9"]

    page = browser(team.alice).post(f"/settings/members/{ben.pk}/verify/")

    assert page.status_code == 200
    assert "/verify/" in page.content.decode()
    assert "Send it to the person yourself" in page.content.decode()
