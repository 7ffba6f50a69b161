"""Registration: what real apps send is accepted and reduced, the rest is refused."""

import json
from typing import Any

import pytest
import time_machine
from django.test import Client

from core import clock
from oauth.models import Application
from tests.oauth import flow

pytestmark = pytest.mark.django_db

VSCODE = {
    "client_name": "Visual Studio Code",
    "client_uri": "https://code.visualstudio.com",
    "grant_types": [
        "authorization_code",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:device_code",
    ],
    "response_types": ["code"],
    "redirect_uris": [
        "https://insiders.vscode.dev/redirect",
        "https://vscode.dev/redirect",
        "http://localhost/",
        "http://127.0.0.1/",
        "http://localhost:33418/",
        "http://127.0.0.1:33418/",
    ],
    "token_endpoint_auth_method": "none",
    "application_type": "native",
}
CLAUDE = {
    "client_name": "Claude",
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "client_secret_post",
    "scope": flow.ALL_SCOPES,
    "redirect_uris": [flow.CLAUDE],
}
CURSOR = {
    "client_name": "Cursor",
    "redirect_uris": ["cursor://anysphere.cursor-mcp/oauth/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
}


def send(body: Any, path: str = "/oauth/register") -> Any:
    raw = body if isinstance(body, bytes | str) else json.dumps(body)
    return Client().post(path, raw, content_type="application/json")


@pytest.mark.parametrize("body", [VSCODE, CLAUDE, CURSOR], ids=["vscode", "claude", "cursor"])
@pytest.mark.parametrize("path", ["/oauth/register", "/oauth/register/", "/register"])
def test_what_known_apps_send_becomes_a_public_client(body: dict[str, Any], path: str) -> None:
    response = send(body, path)
    assert response.status_code == 201
    answer = response.json()
    assert answer["token_endpoint_auth_method"] == "none"
    assert answer["grant_types"] == ["authorization_code", "refresh_token"]
    assert answer["response_types"] == ["code"]
    assert answer["redirect_uris"] == body["redirect_uris"]
    assert isinstance(answer["client_id_issued_at"], int)
    assert not {"client_secret", "registration_access_token"} & set(answer)
    stored = Application.objects.get(client_id=answer["client_id"])
    assert (stored.client_type, stored.client_secret) == ("public", "")


def test_a_registered_loopback_client_connects_on_another_port() -> None:
    client_id = send(VSCODE).json()["client_id"]
    browser = flow.logged_in(flow.member("ada", "admin"))
    address = "http://127.0.0.1:50505/"
    code = flow.consent(browser, client_id, redirect_uri=address)["code"]
    assert flow.redeem(client_id, code, redirect_uri=address).status_code == 200


def test_a_secret_a_public_client_sends_along_means_nothing() -> None:
    client = flow.app()
    code = flow.consent(flow.logged_in(flow.member("ada", "admin")), client)["code"]
    assert flow.redeem(client, code, client_secret="made-up").status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uris": ["http://evil.example/cb"]},
        {"redirect_uris": ["https://claude.ai@evil.example/cb"]},
        {"redirect_uris": [f"https://a.example/{n}" for n in range(11)]},
        {"redirect_uris": []},
        {"redirect_uris": None},
        {"redirect_uris": "https://claude.ai/cb"},
        {"redirect_uris": [{}]},
        {"redirect_uris": ["https://a.example/\x00"]},
        {"grant_types": ["client_credentials"]},
        {"grant_types": ["password", "implicit"]},
        {"grant_types": "authorization_code"},
        {"grant_types": [1]},
        {"response_types": ["token"]},
        {"client_name": {"en": "x"}},
        {"client_name": "x" * 201},
        {"client_name": "\x00"},
    ],
)
def test_other_metadata_is_refused_with_rfc_7591s_error(changes: dict[str, Any]) -> None:
    response = send({**CLAUDE, **changes})
    assert response.status_code == 400
    assert response.json()["error"] in {"invalid_client_metadata", "invalid_redirect_uri"}
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{", 400),
        (b"[" * 100_000, 413),
        (b"[" * 16_000, 400),
        (b'{"client_name": "\xff"}', 400),
        (b'{"client_name": "\\ud800", "redirect_uris": ["https://a.example/"]}', 400),
        (b'{"client_name": "\\u0000", "redirect_uris": ["https://a.example/"]}', 400),
        (b'{"a": 1, "a": 2}', 400),
        (b'{"a": NaN}', 400),
        (b'{"x": "' + b"a" * 20_000 + b'"}', 413),
    ],
)
def test_a_body_that_is_no_sound_json_is_refused(body: bytes, status: int) -> None:
    response = send(body)
    assert response.status_code == status
    assert "error" in response.json()


def test_a_name_is_stored_without_hidden_characters() -> None:
    send({**CLAUDE, "client_name": "Good\u202e\u200b app"})
    assert Application.objects.get().name == "Good app"


def test_too_many_registrations_from_one_address_wait(settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    with time_machine.travel(clock.now(), tick=False):
        answers = [send(CLAUDE) for _ in range(31)]
    assert answers[-2].status_code == 201
    assert answers[-1].status_code == 429
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    assert answers[-1].json()["error"] == "temporarily_unavailable"


def test_too_many_token_requests_from_one_address_wait(settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    client = flow.app()
    with time_machine.travel(clock.now(), tick=False):  # all within one minute, however slow
        answers = [flow.refresh(client, "x").status_code for _ in range(121)]
    assert answers[-2:] == [400, 429]


def test_too_many_answers_to_the_consent_page_wait(settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    browser = flow.logged_in(flow.member("ada", "admin"))
    with time_machine.travel(clock.now(), tick=False):
        answers = [flow.post(browser, "/oauth/authorize", {"ticket": "x"}) for _ in range(31)]
    assert answers[-1].status_code == 429
    assert answers[-1]["Retry-After"]
