"""Client metadata documents: read from allowed hosts, for logged-in people, and reduced."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from core import clock
from core.errors import Unavailable
from oauth.models import Application
from oauth.services import client_documents
from tests.oauth import flow

pytestmark = pytest.mark.django_db

CLAUDE_ID = "https://claude.ai/oauth/mcp-oauth-client-metadata"
CHATGPT_ID = "https://chatgpt.com/oauth/abc123/client.json"
CHATGPT_CALLBACK = "https://chatgpt.com/connector/oauth/abc123"
DOCUMENTS: dict[str, dict[str, Any]] = {
    CLAUDE_ID: {
        "client_id": CLAUDE_ID,
        "client_name": "Claude",
        "redirect_uris": [flow.CLAUDE, "https://claude.com/api/mcp/auth_callback"],
        "grant_types": [
            "authorization_code",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
        ],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    },
    CHATGPT_ID: {
        "client_id": CHATGPT_ID,
        "client_name": "ChatGPT",
        "redirect_uris": [CHATGPT_CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": "https://chatgpt.com/jwks.json",
    },
}

Publish = Callable[[dict[str, Any]], None]


@pytest.fixture
def publish(settings: Any, tmp_path: Path) -> Publish:
    """Make these the documents of the web, as the demo does."""

    def put(documents: dict[str, Any]) -> None:
        path = tmp_path / "documents.json"
        path.write_text(json.dumps(documents))
        settings.DEMO = True
        settings.CIMD_STATIC_DOCUMENTS = path

    put(DOCUMENTS)
    return put


@pytest.mark.usefixtures("publish")
@pytest.mark.parametrize(
    ("client_id", "callback", "name"),
    [(CLAUDE_ID, flow.CLAUDE, "Claude"), (CHATGPT_ID, CHATGPT_CALLBACK, "ChatGPT")],
)
def test_apps_with_documents_connect_without_registering(
    client_id: str, callback: str, name: str
) -> None:
    browser = flow.logged_in(flow.member("ada", "admin"))
    code = flow.consent(browser, client_id, redirect_uri=callback)["code"]
    pair = flow.redeem(client_id, code, redirect_uri=callback)
    assert pair.status_code == 200
    assert flow.call(pair.json()["access_token"]).json()["client"] == name


@pytest.mark.usefixtures("publish")
def test_nobody_is_fetched_for_before_login_or_at_the_machine_endpoints() -> None:
    response = flow.open_page(Client(), CLAUDE_ID)
    assert response["Location"].startswith("/login/")
    assert flow.redeem(CLAUDE_ID, "x").json()["error"] == "invalid_client"
    revoke = {"client_id": CLAUDE_ID, "token": "x"}
    assert flow.post(Client(), "/oauth/revoke", revoke).status_code in {400, 401}
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    "client_id",
    [
        "https://evil.example/client.json",
        "https://claude.ai.evil.example/x",
        "https://claude.ai:8443/x",
        "https://claude.ai:443/x",
        "https://user@claude.ai/x",
        "https://claude.ai/../x",
        "https://claude.ai/x?y",
        "https://claude.ai/x#y",
        "https://claude.ai",
        "http://claude.ai/x",
        "HTTPS://claude.ai/x",
        "https://CLAUDE.ai/x",
        "https://127.0.0.1/x",
        "https://claude.ai/" + "x" * 250,
    ],
)
def test_other_addresses_are_never_read(client_id: str, publish: Publish) -> None:
    publish({client_id: {**DOCUMENTS[CLAUDE_ID], "client_id": client_id}})
    assert not client_documents.is_allowed(client_id)
    assert client_documents.application_for(client_id) is None
    browser = flow.logged_in(flow.member("ada", "admin"))
    assert flow.open_page(browser, client_id).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": CHATGPT_ID},
        {"redirect_uris": []},
        {"redirect_uris": ["http://evil.example/"]},
        {"grant_types": ["implicit"]},
        {"token_endpoint_auth_method": "client_secret_post"},
        {"client_secret": "x"},
        {"client_name": {}},
    ],
)
def test_a_document_that_does_not_fit_makes_no_client(
    changes: dict[str, Any], publish: Publish
) -> None:
    publish({CLAUDE_ID: {**DOCUMENTS[CLAUDE_ID], **changes}})
    assert client_documents.application_for(CLAUDE_ID) is None
    assert not Application.objects.exists()


def test_a_document_is_read_again_after_an_hour_and_kept_when_it_is_away(publish: Publish) -> None:
    assert client_documents.application_for(CLAUDE_ID) is not None
    publish({CLAUDE_ID: {**DOCUMENTS[CLAUDE_ID], "client_name": "Claude 2"}})
    same = client_documents.application_for(CLAUDE_ID)
    assert same is not None
    assert same.name == "Claude"
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        later = client_documents.application_for(CLAUDE_ID)
        assert later is not None
        assert later.name == "Claude 2"
    publish({CLAUDE_ID: "gone"})
    with time_machine.travel(clock.now() + timedelta(minutes=130)):
        kept = client_documents.application_for(CLAUDE_ID)
        assert kept is not None
        assert kept.name == "Claude 2"


def test_a_failure_is_not_tried_again_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def away(client_id: str) -> Any:
        tries.append(client_id)
        raise Unavailable("away")

    monkeypatch.setattr(client_documents, "_fetch", away)
    for _ in range(5):
        assert client_documents.application_for(CLAUDE_ID) is None
    assert tries == [CLAUDE_ID]


def test_static_documents_count_in_the_demo_only(
    settings: Any, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(DOCUMENTS)
    settings.DEMO = False

    def away(client_id: str) -> Any:
        raise Unavailable("away")

    monkeypatch.setattr(client_documents, "_fetch", away)
    assert client_documents.application_for(CLAUDE_ID) is None
