"""Settings, API keys."""

import re

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import ApiKey, Membership
from accounts.services import api_keys
from tests import factories
from tests.api.conftest import key_of
from tests.team import Team

PAGE = "/settings/api-keys/"
FORM = {"name": "Nightly import", "role": "member", "lifetime": "90", "scopes": ["contacts:read"]}


def browser(membership: Membership) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(membership.user)
    return client


def fresh(membership: Membership) -> Client:
    client = browser(membership)
    client.post("/settings/password/", {"password": factories.PASSWORD})
    return client


def test_the_password_is_asked_for_before_a_key_is_made(team: Team) -> None:
    client = browser(team.alice)

    assert b"Re-enter your password" in client.get(PAGE).content
    assert client.post(PAGE, FORM).status_code == 403
    assert not ApiKey.objects.exists()

    wrong = client.post("/settings/password/", {"password": "wrong", "next": PAGE})
    assert wrong.status_code == 400
    right = client.post("/settings/password/", {"password": factories.PASSWORD, "next": PAGE})
    assert right.headers["Location"] == PAGE
    assert client.post(PAGE, FORM).status_code == 200
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    "place", ["//evil.example/", "https://evil.example", "javascript:alert(1)"]
)
def test_the_password_page_never_leads_elsewhere(team: Team, place: str) -> None:
    answer = browser(team.alice).post(
        "/settings/password/", {"password": factories.PASSWORD, "next": place}
    )

    assert answer.headers["Location"] == PAGE


def test_the_eleventh_password_in_a_minute_waits(team: Team) -> None:
    client = browser(team.alice)
    for _ in range(10):
        client.post("/settings/password/", {"password": "wrong"})

    answer = client.post("/settings/password/", {"password": factories.PASSWORD})

    assert answer.status_code == 429
    assert "Retry-After" in answer.headers


def test_a_key_is_shown_once_and_works(team: Team) -> None:
    client = fresh(team.alice)

    page = client.post(PAGE, FORM)

    found = re.search(r'value="(sk_\w+)"', page.content.decode())
    assert found is not None
    assert api_keys.identify(found.group(1)) is not None
    assert page.headers["Cache-Control"].find("no-store") >= 0
    assert found.group(1) not in client.get(PAGE).content.decode()


def test_a_wrong_choice_is_explained_at_its_field(team: Team) -> None:
    form = {**FORM, "role": "reviewer", "scopes": ["actions:approve", "actions:write"]}

    page = fresh(team.alice).post(PAGE, form)

    assert page.status_code == 400
    assert b"may not also propose or execute" in page.content
    assert not ApiKey.objects.exists()


def test_admins_see_and_revoke_every_key_of_their_workspace_only(team: Team) -> None:
    key = key_of(team.mia)
    row = ApiKey.objects.get()
    client = browser(team.alice)
    assert f"sk_{row.key_id}" in client.get(PAGE).content.decode()
    assert f"sk_{row.key_id}" not in browser(team.gil).get(PAGE).content.decode()

    assert browser(team.gil).post(f"{PAGE}{row.pk}/revoke/").status_code == 404
    assert api_keys.identify(key) is not None
    client.post(f"{PAGE}{row.pk}/revoke/")
    assert api_keys.identify(key) is None


def test_only_admins_open_the_page(team: Team) -> None:
    for membership in (team.rex, team.mia, team.vic):
        assert browser(membership).get(PAGE).status_code == 403


def test_renewing_shows_a_second_key(team: Team) -> None:
    client = fresh(team.alice)
    client.post(PAGE, FORM)
    row = ApiKey.objects.get()

    page = client.post(f"{PAGE}{row.pk}/renew/").content.decode()

    found = re.search(r'value="(sk_\w+)"', page)
    assert found is not None
    assert api_keys.identify(found.group(1)) is not None
    assert ApiKey.objects.count() == 2


def test_a_key_s_name_is_shown_as_text(team: Team) -> None:
    name = "<script>alert(1)</script>"

    page = fresh(team.alice).post(PAGE, {**FORM, "name": name}).content.decode()

    assert name not in page
    assert escape(name) in page
