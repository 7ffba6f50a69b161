"""Settings, Connections; the operator's view; and what clean-up deletes."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts import actors
from accounts.models import User
from core import clock
from core.actor import Actor, ActorKind, Surface
from core.errors import Conflict, NotFound
from oauth import tasks
from oauth.models import (
    AccessToken,
    Application,
    Connection,
    RefreshReplay,
    RefreshToken,
)
from oauth.services import cleanup, connections
from pathbound_mcp.celery import app as celery
from tests.oauth import flow

pytestmark = pytest.mark.django_db


def _actor(user: User) -> Actor:
    return actors.for_membership(
        user.memberships.get(), kind=ActorKind.PERSON, surface=Surface.DASHBOARD, scopes=None
    )


def test_people_see_their_own_connections_and_admins_everybodys() -> None:
    ada, mia = flow.member("ada", "admin"), flow.member("mia", "member")
    gil = flow.member("gil", "admin", "globex")
    for user in (ada, mia, gil):
        flow.connect(user, flow.app(name=f"App of {user.name}"))
    seen = {
        user.name: {row.client_name for row in connections.list_connections(_actor(user))}
        for user in (ada, mia, gil)
    }
    assert seen == {
        "Ada": {"App of Ada", "App of Mia"},
        "Mia": {"App of Mia"},
        "Gil": {"App of Gil"},
    }


def test_the_page_names_what_each_app_may_do_and_ends_it(settings: Any) -> None:
    settings.ROOT_URLCONF = "pathbound_mcp.urls"
    mia = flow.member("mia", "member")
    flow.connect(mia, flow.app(name="Helper <b>"), scope="contacts:read events:write")
    ada = flow.logged_in(flow.member("ada", "admin"))
    page = ada.get("/settings/connections/")
    text = page.content.decode()
    assert page.status_code == 200
    for part in ("Helper &lt;b&gt;", "at claude.ai", "For Mia", "Record events", "new", "never"):
        assert part in text, part
    assert "Read companies" not in text
    ended = ada.post(
        f"/settings/connections/{Connection.objects.get().pk}/revoke", follow=True
    ).content.decode()
    assert "Connection revoked." in ended
    assert "No app is connected." in ended


def test_the_first_time_page_shows_the_address_to_connect(settings: Any) -> None:
    settings.ROOT_URLCONF = "pathbound_mcp.urls"
    page = flow.logged_in(flow.member("vic", "viewer")).get("/settings/connections/")
    assert f"{settings.PUBLIC_BASE_URL}/mcp" in page.content.decode()


def test_nobody_ends_a_connection_he_does_not_see() -> None:
    ada, mia = flow.member("ada", "admin"), flow.member("mia", "member")
    gil = flow.member("gil", "admin", "globex")
    pair = flow.connect(ada)
    connection = Connection.objects.get()
    for stranger in (mia, gil):
        with pytest.raises(NotFound):
            connections.revoke_connection(_actor(stranger), connection.pk)
    with pytest.raises(NotFound):
        connections.revoke_connection(_actor(ada), "conn_nonsense")
    assert flow.call(pair["access_token"]).status_code == 200
    connections.revoke_connection(_actor(ada), connection.pk)
    with pytest.raises(Conflict):
        connections.revoke_connection(_actor(ada), connection.pk)


def test_an_admin_ends_a_members_connection() -> None:
    ada, mia = flow.member("ada", "admin"), flow.member("mia", "member")
    pair = flow.connect(mia)
    connections.revoke_connection(_actor(ada), Connection.objects.get().pk)
    assert flow.call(pair["access_token"]).status_code == 401


def test_ending_a_connection_needs_a_login_a_post_and_a_token() -> None:
    ada = flow.member("ada", "admin")
    flow.connect(ada)
    path = reverse("oauth:revoke-connection", args=[Connection.objects.get().pk])
    assert Client().post(path)["Location"].startswith("/login/")
    assert flow.logged_in(ada).get(path).status_code == 405
    assert flow.logged_in(ada, enforce_csrf_checks=True).post(path).status_code == 403
    assert Connection.objects.get().is_live


def test_clean_up_takes_what_is_over_and_leaves_what_lives() -> None:
    ada = flow.member("ada", "admin")
    client = flow.app()
    pair = flow.connect(ada, client)
    flow.refresh(client, pair["refresh_token"])
    flow.consent(flow.logged_in(ada), flow.app())
    flow.app(name="never used")
    tasks.clean_up()
    assert Application.objects.count() == 3
    assert Connection.objects.live().count() == 2
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        assert tasks.clean_up() == {"connections": 1, "tokens": 5, "registrations": 2}
        assert Application.objects.get() == client
        assert RefreshToken.objects.count() == 2
        assert not AccessToken.objects.exists()
        assert not RefreshReplay.objects.exists()
        fresh = RefreshToken.objects.get(revoked=None)
        assert fresh.connection.is_live


def test_clean_up_is_on_the_schedule() -> None:
    assert tasks.clean_up.name in repr(celery.conf.beat_schedule)


def test_clean_up_ends_connections_idle_for_thirty_days() -> None:
    flow.connect(flow.member("ada", "admin"))
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert cleanup.end_unfinished_connections() == 1
        assert Connection.objects.get().revoked_because == "expired"
        cleanup.delete_expired_tokens()
        cleanup.delete_unused_registrations()
    assert not Application.objects.exists()
    assert Connection.objects.get().application is None


def test_the_operators_pages_show_everything_but_secrets_and_change_nothing() -> None:
    request = RequestFactory().get("/admin/")
    for model in apps.get_app_config("oauth").get_models():
        registered = admin.site._registry[model]
        assert not registered.has_add_permission(request)
        assert not registered.has_change_permission(request)
        assert not registered.has_delete_permission(request)
    assert "token_checksum" in (admin.site._registry[AccessToken].exclude or ())
    assert "sealed" in (admin.site._registry[RefreshReplay].exclude or ())
