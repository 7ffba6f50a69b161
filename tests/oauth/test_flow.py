"""The whole way of an app: registered, consented, redeemed, refreshed, revoked."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from core import clock
from core.models import AuditEntry
from oauth.models import AccessToken, Connection, Grant, RefreshReplay, RefreshToken
from tests.oauth import flow

pytestmark = pytest.mark.django_db


def test_an_app_registers_asks_and_gets_a_token_that_names_the_person() -> None:
    ada = flow.member("ada", "admin")
    body = {"client_name": "Claude", "redirect_uris": [flow.CLAUDE]}
    registered = Client().post("/register", json.dumps(body), content_type="application/json")
    assert registered.status_code == 201
    answer = flow.consent(flow.logged_in(ada), registered.json()["client_id"])
    assert answer["state"] == "st4te"
    assert answer["iss"] == settings.PUBLIC_BASE_URL
    pair = flow.redeem(registered.json()["client_id"], answer["code"]).json()
    assert pair["token_type"] == "Bearer"
    assert pair["expires_in"] == 8 * 3600
    facts = flow.call(pair["access_token"]).json()
    assert facts["user"] == ada.pk
    assert facts["workspace"] == flow.workspace().pk
    assert (facts["kind"], facts["role"]) == ("app", "admin")
    assert (facts["client"], facts["host"]) == ("Claude", "claude.ai")


def test_secrets_are_stored_as_hashes_only() -> None:
    pair = flow.connect(flow.member("ada", "admin"))
    rows = [*AccessToken.objects.values_list(), *RefreshToken.objects.values_list()]
    rows += [*Grant.objects.values_list(), *RefreshReplay.objects.values_list()]
    text = repr(rows)
    assert pair["access_token"] not in text
    assert pair["refresh_token"] not in text


def test_a_token_works_for_both_resources_and_costs_two_queries(
    django_assert_max_num_queries: Any,
) -> None:
    pair = flow.connect(flow.member("ada", "admin"), resource=settings.PUBLIC_BASE_URL + "/")
    assert flow.call(pair["access_token"], "/mcp").status_code == 200
    with django_assert_max_num_queries(2):
        assert flow.call(pair["access_token"], "/").status_code == 200


@pytest.mark.parametrize(
    "resource", ["https://evil.example/mcp", "http://[::1/", "x", "http://127.0.0.1:8000/mcp/x"]
)
def test_a_foreign_resource_is_an_invalid_target_at_authorize(resource: str) -> None:
    browser = flow.logged_in(flow.member("ada", "admin"))
    answer = flow.answer_of(flow.open_page(browser, flow.app(), resource=resource))
    assert answer["error"] == "invalid_target"
    assert answer["iss"] == settings.PUBLIC_BASE_URL


def test_a_foreign_resource_is_an_invalid_target_at_the_token_endpoint() -> None:
    client = flow.app()
    code = flow.consent(flow.logged_in(flow.member("ada", "admin")), client)["code"]
    response = flow.redeem(client, code, resource="https://evil.example")
    assert (response.status_code, response.json()["error"]) == (400, "invalid_target")
    assert flow.redeem(client, code).status_code == 200


def test_without_a_resource_the_token_is_for_the_mcp_endpoint() -> None:
    flow.connect(flow.member("ada", "admin"), resource=None)
    assert AccessToken.objects.get().resource == [f"{settings.PUBLIC_BASE_URL}/mcp"]


@pytest.mark.parametrize("resource", [[], ["https://other.example/mcp"]])
def test_a_token_for_nobody_or_for_somebody_else_is_refused(resource: list[str]) -> None:
    pair = flow.connect(flow.member("ada", "admin"))
    AccessToken.objects.update(resource=resource)
    response = flow.call(pair["access_token"])
    assert response.status_code == 401
    assert 'error="invalid_token"' in response["WWW-Authenticate"]


def test_an_api_key_is_no_access_token() -> None:
    assert flow.call("sk_live_123").status_code == 401


def test_a_revoked_connection_is_refused_within_the_next_call() -> None:
    ada = flow.member("ada", "admin")
    client = flow.app()
    pair = flow.connect(ada, client)
    browser = flow.logged_in(ada)
    code = flow.consent(browser, client)["code"]
    for connection in Connection.objects.all():
        page = browser.post(f"/settings/connections/{connection.pk}/revoke")
        assert page.status_code == 302
    assert flow.call(pair["access_token"]).status_code == 401
    assert flow.refresh(client, pair["refresh_token"]).json()["error"] == "invalid_grant"
    assert flow.redeem(client, code).json()["error"] == "invalid_grant"


def test_a_member_who_left_is_refused_within_the_next_call() -> None:
    mia = flow.member("mia", "member")
    pair = flow.connect(mia)
    mia.memberships.update(is_active=False)
    assert flow.call(pair["access_token"]).status_code == 401


def test_a_deactivated_user_is_refused_within_the_next_call() -> None:
    mia = flow.member("mia", "member")
    client = flow.app()
    pair = flow.connect(mia, client)
    mia.is_active = False
    mia.save()
    assert flow.call(pair["access_token"]).status_code == 401
    assert flow.refresh(client, pair["refresh_token"]).status_code == 400


def test_a_grant_never_grows_with_its_owner_and_shrinks_with_him() -> None:
    mia = flow.member("mia", "member")
    pair = flow.connect(mia)
    mia.memberships.update(role="admin")
    assert flow.call(pair["access_token"]).json()["role"] == "member"
    mia.memberships.update(role="viewer")
    facts = flow.call(pair["access_token"]).json()
    assert facts["role"] == "viewer"
    assert all(scope.endswith(":read") for scope in facts["scopes"])


def test_a_replayed_code_ends_what_it_gave() -> None:
    client = flow.app()
    code = flow.consent(flow.logged_in(flow.member("ada", "admin")), client)["code"]
    pair = flow.redeem(client, code).json()
    assert flow.call(pair["access_token"]).status_code == 200
    again = flow.redeem(client, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert flow.call(pair["access_token"]).status_code == 401
    assert Connection.objects.get().revoked_because == "code_replayed"


def test_a_code_lives_sixty_seconds() -> None:
    client = flow.app()
    code = flow.consent(flow.logged_in(flow.member("ada", "admin")), client)["code"]
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert flow.redeem(client, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 64}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"redirect_uri": flow.CLAUDE + "/"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"code": "x"}, "invalid_grant"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_code_needs_its_verifier_address_and_client(changes: dict[str, Any], error: str) -> None:
    client = flow.app()
    code = flow.consent(flow.logged_in(flow.member("ada", "admin")), client)["code"]
    response = flow.redeem(client, **{"code": code, **changes})
    assert response.status_code in {400, 401}
    assert response.json()["error"] == error
    assert not AccessToken.objects.exists()


def test_another_app_cannot_redeem_a_code() -> None:
    code = flow.consent(flow.logged_in(flow.member("ada", "admin")), flow.app())["code"]
    assert flow.redeem(flow.app(), code).json()["error"] == "invalid_grant"


def test_a_refresh_gives_a_new_pair_and_the_same_answer_for_a_minute() -> None:
    client = flow.app()
    pair = flow.connect(flow.member("ada", "admin"), client)
    first = flow.refresh(client, pair["refresh_token"])
    assert first.status_code == 200
    assert first.json()["refresh_token"] != pair["refresh_token"]
    assert flow.refresh(client, pair["refresh_token"]).json() == first.json()
    assert flow.call(first.json()["access_token"]).status_code == 200
    assert AccessToken.objects.count() == 2


def test_a_later_replay_of_a_refresh_token_ends_the_connection() -> None:
    client = flow.app()
    pair = flow.connect(flow.member("ada", "admin"), client)
    fresh = flow.refresh(client, pair["refresh_token"]).json()
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert flow.refresh(client, pair["refresh_token"]).json()["error"] == "invalid_grant"
        assert flow.call(fresh["access_token"]).status_code == 401
        assert flow.refresh(client, fresh["refresh_token"]).json()["error"] == "invalid_grant"
    assert Connection.objects.get().revoked_because == "refresh_replayed"


def test_another_app_cannot_replay_a_refresh() -> None:
    client = flow.app()
    pair = flow.connect(flow.member("ada", "admin"), client)
    flow.refresh(client, pair["refresh_token"])
    assert flow.refresh(flow.app(), pair["refresh_token"]).json()["error"] == "invalid_grant"
    assert Connection.objects.get().is_live


def test_a_refresh_token_dies_after_thirty_idle_days() -> None:
    client = flow.app()
    pair = flow.connect(flow.member("ada", "admin"), client)
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert flow.refresh(client, pair["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_connection_dies_after_a_hundred_and_eighty_days_of_use() -> None:
    client = flow.app()
    token = flow.connect(flow.member("ada", "admin"), client)["refresh_token"]
    start = clock.now()
    for day in range(20, 180, 20):
        with time_machine.travel(start + timedelta(days=day)):
            token = flow.refresh(client, token).json()["refresh_token"]
    with time_machine.travel(start + timedelta(days=181)):
        assert flow.refresh(client, token).json()["error"] == "invalid_grant"


def test_a_refresh_may_narrow_and_never_widen_what_was_granted() -> None:
    client = flow.app()
    pair = flow.connect(flow.member("mia", "member"), client, scope="contacts:read events:read")
    wide = flow.refresh(
        client, pair["refresh_token"], scope="contacts:read actions:write offline_access"
    ).json()
    assert wide["scope"] == "contacts:read"


def test_an_app_can_revoke_its_own_connection_and_no_other() -> None:
    client = flow.app()
    pair = flow.connect(flow.member("ada", "admin"), client)
    stranger = {"client_id": flow.app().client_id, "token": pair["refresh_token"]}
    assert flow.post(Client(), "/oauth/revoke", stranger).status_code == 200
    assert flow.call(pair["access_token"]).status_code == 200
    own = {"client_id": client.client_id, "token": pair["refresh_token"]}
    assert flow.post(Client(), "/oauth/revoke/", own).status_code == 200
    assert flow.call(pair["access_token"]).status_code == 401


def test_a_grant_and_its_end_are_in_the_audit_log() -> None:
    ada = flow.member("ada", "admin")
    flow.connect(ada)
    connection = Connection.objects.get()
    flow.logged_in(ada).post(f"/settings/connections/{connection.pk}/revoke")
    verbs = list(AuditEntry.objects.order_by("at").values_list("verb", flat=True))
    assert verbs == ["oauth.connection.open", "oauth.connection.revoked"]
    assert AuditEntry.objects.first() is not None
    assert {entry.object_ids["connection_id"] for entry in AuditEntry.objects.all()} == {
        connection.pk
    }


def test_the_last_use_is_noted_at_most_once_a_minute() -> None:
    token = flow.connect(flow.member("ada", "admin"))["access_token"]
    flow.call(token)
    first = Connection.objects.get().last_used_at
    assert first is not None
    flow.call(token)
    assert Connection.objects.get().last_used_at == first
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        flow.call(token)
    assert Connection.objects.get().last_used_at != first


@pytest.mark.parametrize("path", ["/mcp", "/"])
def test_the_challenge_names_the_metadata_of_the_requested_path(path: str) -> None:
    response = Client().get(path)
    header = response["WWW-Authenticate"]
    suffix = "" if path == "/" else path
    known = f"{settings.PUBLIC_BASE_URL}/.well-known/oauth-protected-resource{suffix}"
    assert response.status_code == 401
    assert f'resource_metadata="{known}"' in header
    assert f'scope="{flow.ALL_SCOPES}"' in header
    assert "error=" not in header
