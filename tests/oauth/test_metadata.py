"""Metadata: independent of a request's Host header."""

import json
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client

from oauth.settings import toolkit

pytestmark = pytest.mark.django_db

BASE = "https://crm.example"
SERVER = "/.well-known/oauth-authorization-server"
RESOURCE = "/.well-known/oauth-protected-resource"

FORGED = [
    {"Host": "evil.example"},
    {"Host": "crm.example:8443"},
    {"Host": "crm.example", "X-Forwarded-Host": "evil.example"},
    {"Host": "crm.example", "X-Forwarded-Proto": "http"},
    {"Host": "crm.example", "X-Forwarded-Port": "1"},
    {"Host": "crm.example", "X-Forwarded-Prefix": "/evil"},
    {"Host": "crm.example", "Forwarded": "host=evil.example;proto=http"},
    {"Host": "crm.example", "X-Original-URL": "/evil"},
    {"Host": "crm.example", "X-Forwarded-Server": "evil.example"},
    {"Host": "crm.example", "Origin": "https://evil.example"},
]


@pytest.fixture
def _public(settings: Any) -> None:
    settings.PUBLIC_BASE_URL = BASE
    settings.OAUTH2_PROVIDER = toolkit(BASE)
    settings.IS_LOOPBACK = False
    settings.ALLOWED_HOSTS = ["*"]
    settings.SECURE_SSL_REDIRECT = False


@pytest.mark.usefixtures("_public")
@pytest.mark.parametrize("path", [SERVER, f"{SERVER}/mcp", RESOURCE, f"{RESOURCE}/mcp"])
@pytest.mark.parametrize("headers", FORGED)
def test_metadata_is_the_same_under_every_forged_header(path: str, headers: dict[str, str]) -> None:
    plain = Client().get(path, headers={"Host": "crm.example"}).content
    response = Client().get(path, headers=headers)
    assert response.status_code == 200
    assert response.content == plain
    assert b"evil" not in plain
    assert BASE.encode() in plain


@pytest.mark.usefixtures("_public")
def test_the_servers_metadata_says_what_is_offered_and_nothing_else() -> None:
    document = json.loads(Client().get(SERVER).content)
    assert document["issuer"] == BASE
    assert document["authorization_endpoint"] == f"{BASE}/oauth/authorize"
    assert document["token_endpoint"] == f"{BASE}/oauth/token"
    assert document["registration_endpoint"] == f"{BASE}/oauth/register"
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert document["response_types_supported"] == ["code"]
    assert document["token_endpoint_auth_methods_supported"] == ["none"]
    assert document["client_id_metadata_document_supported"] is True
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["scopes_supported"] == list(project.OAUTH2_PROVIDER["SCOPES"])


@pytest.mark.usefixtures("_public")
@pytest.mark.parametrize(("suffix", "resource"), [("", BASE), ("/mcp", f"{BASE}/mcp")])
def test_each_resource_has_its_own_metadata(suffix: str, resource: str) -> None:
    document = json.loads(Client().get(RESOURCE + suffix).content)
    assert document["resource"] == resource
    assert document["authorization_servers"] == [BASE]
    assert "offline_access" not in document["scopes_supported"]


@pytest.mark.parametrize("path", [f"{SERVER}/evil", f"{RESOURCE}/evil", f"{SERVER}/mcp/x"])
def test_other_suffixes_are_not_found(path: str, settings: Any) -> None:
    settings.DEBUG = False
    assert Client().options(path).status_code == 404


@pytest.mark.parametrize(
    "path", [SERVER, RESOURCE, "/oauth/token", "/oauth/register", "/oauth/revoke", "/token"]
)
def test_a_browser_page_may_read_the_machine_endpoints(path: str) -> None:
    response = Client().options(
        path,
        headers={
            "Origin": "http://localhost:6274",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Content-Type" in response["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response


def test_the_consent_page_is_open_to_no_other_origin() -> None:
    response = Client().get("/oauth/authorize", headers={"Origin": "http://localhost:6274"})
    assert "Access-Control-Allow-Origin" not in response
